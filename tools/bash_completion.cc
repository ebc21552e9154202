#include "tools/bash_completion.h"

#include "tools/command.h"
#include "tools/command_line.h"

namespace varve::tools {
namespace {

const char kHead[] =
    "# bash completion for varve; made by 'varve help --bash'\n"
    "_varve() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} words=''\n"
    "  compopt +o nospace 2> /dev/null\n"
    "  COMPREPLY=()\n"
    "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
    "    words='";

const char kMiddle[] =
    "'\n"
    "  else\n"
    "    case ${COMP_WORDS[1]} in\n";

// A flag's value is a file name as far as bash is told; '=' is a word of its
// own to it. Nothing is said where nothing is known: bash then offers files.
const char kTail[] =
    "    esac\n"
    "  fi\n"
    "  [ \"$word\" = = ] && word=\n"
    "  case $word in\n"
    "    -*) ;;\n"
    "    *) [ \"$COMP_CWORD\" = 1 ] || [ \"${COMP_WORDS[1]}\" = help ] ||\n"
    "      { mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return; } ;;\n"
    "  esac\n"
    "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null\n"
    "  return 0\n"
    "}\n"
    "complete -o filenames -F _varve varve\n";

std::string Names() {
  std::string names;
  for (const Command* const command : Commands()) {
    names += std::string(command->name) + " ";
  }
  return names;
}

}  // namespace

std::string BashCompletion() {
  std::string script = kHead + Names() + "--version" + kMiddle;
  for (const Command* const command : Commands()) {
    script += std::string("      ") + command->name + ") words='";
    if (command->name == std::string("help")) script += Names();
    for (const FlagText& flag : FlagTexts(*command)) {
      script += "--" + flag.name + (flag.is_bool ? " " : "= ");
    }
    script += "--help' ;;\n";
  }
  return script + kTail;
}

}  // namespace varve::tools
