/**
 * `logits completion`: scripts that complete commands, options and files in bash, zsh and fish.
 */
import type { Command } from "./command.js";
import { failUsage } from "./usage.js";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** @param commands - all of them; this one is completed too */
export function completionCommand(commands: () => Promise<readonly Command[]>): Command {
  return {
    name: "completion",
    operands: SHELLS.join("|"),
    count: [1, 1],
    summary: "A script that completes commands and options in a shell.",
    options: { debug: { help: "print the stack of an error" }, help: { help: "print this" } },
    examples: [
      "source <(logits completion bash)   # in ~/.bashrc",
      "source <(logits completion zsh)    # in ~/.zshrc, after compinit",
      "logits completion fish > ~/.config/fish/completions/logits.fish",
    ],
    async run({ operands: [shell], host }) {
      const script = { bash, zsh, fish }[shell as (typeof SHELLS)[number]];
      if (script === undefined || !Object.hasOwn({ bash, zsh, fish }, shell!)) {
        failUsage(`completion knows ${SHELLS.join(", ")}, got ${JSON.stringify(shell)}`);
      }
      host.out(script(await commands()));
    },
  };
}

const optionsOf = ({ options }: Command): string[] =>
  Object.keys(options).map((name) => `--${name}`);

function bash(commands: readonly Command[]): string {
  const cases = commands.map(
    (command) => `    ${command.name}) options="${optionsOf(command).join(" ")}" ;;`,
  );
  return `_logits() {
  local word="\${COMP_WORDS[COMP_CWORD]}" options
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) return ;;
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  fi
}
complete -o default -F _logits logits
`;
}

/** Text between single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function zsh(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const rows = Object.entries(command.options).map(([name, { value, help }]) => {
      const text = help.replace(/[[\]:\\]/g, (character) => `\\${character}`);
      const word = value === undefined ? "" : `:${value.replace(/[:\\]/g, "\\$&")}:_files`;
      return `        ${quoted(`--${name}[${text}]${word}`)}`;
    });
    return `      ${command.name}) _arguments \\\n${rows.join(" \\\n")} \\\n        '*:file:_files' ;;`;
  });
  return `#compdef logits
_logits() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local name="\${words[2]}"
  shift words
  ((CURRENT--))
  case "$name" in
${cases.join("\n")}
  esac
}
compdef _logits logits
`;
}

function fish(commands: readonly Command[]): string {
  const text = (value: string): string => `'${value.replace(/[\\']/g, "\\$&")}'`;
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c logits -n __fish_use_subcommand -f -a ${name} -d ${text(summary)}`,
    ...Object.entries(options).map(
      ([option, { value, help }]) =>
        `complete -c logits -n '__fish_seen_subcommand_from ${name}' -l ${option}${value === undefined ? "" : " -r"} -d ${text(help)}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}
