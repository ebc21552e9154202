# The tools, the demo and the benches.
