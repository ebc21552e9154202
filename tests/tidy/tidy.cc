// Polices the tree.
int main() { return 0; }
