import { dirname } from "node:path/posix";
import { shellLine, shellQuote } from "./shell";
import type { Argv, Step, StepFile } from "./step";

/**
 * One step as a shell script, for `sh` on the machine, read from standard input: so no file or secret of the step stands in an
 * argument list. Everything that must happen even when nobody is connected any more happens in here: one step at a time on a
 * machine, or of those for a node through the API one at a time for each id, look again once it is this step's turn, act, remove the
 * files, prove.
 */

/** Exit codes of the script itself; programs use small ones and, killed, those above 123. */
export const STEP_EXIT = { noLock: 95, notProven: 96, nothingToDo: 97 } as const;

/** A line on standard error, once the step really begins. */
export const STEP_BEGINS = "replikube: step begins";

/** What the steps leave on a machine: marks of what is done, applied manifests, the programs' output. */
export const NODE_STATE = "/var/lib/replikube";

/** The same, when another step has the machine at that moment. */
export const STEP_WAITS = "replikube: step waits";

export interface StepPlaces {
  readonly lock: string;
  readonly logs: string;
}
const NODE_PLACES: StepPlaces = { lock: "/run/replikube-step.lock", logs: `${NODE_STATE}/log` };

/** The word that ends a text in the script; base64 has no such line. */
const END = "END_OF_TEXT";
const base64Of = (text: string): string =>
  Buffer.from(text)
    .toString("base64")
    .replace(/(.{76})(?=.)/g, "$1\n");
const hereDocument = (text: string): string => `<<'${END}'\n${base64Of(text)}\n${END}`;

const writeFile = ({ path, mode, content }: StepFile): string => {
  const file = shellQuote(path);
  const octal = mode.toString(8).padStart(4, "0");
  return `  (umask 077 && mkdir -p ${shellQuote(dirname(path))} && base64 -d > ${file}.new && chmod ${octal} ${file}.new && mv ${file}.new ${file}) ${hereDocument(content)}
  [ $? -eq 0 ] || { echo "cannot write ${path}" >&2; exit 1; }`;
};

/** No output of the program goes to the connection: a program that prints after it broke would be killed by that. */
function act({ command, stdin, deadlineSeconds }: Step): string {
  const line = `timeout -k 10 ${Math.ceil(deadlineSeconds)} ${shellLine(command)} > "$log" 2>&1 9>&-`;
  return stdin === undefined ? `  ${line} < /dev/null` : `  base64 -d <<'${END}' | ${line}\n${base64Of(stdin)}\n${END}`;
}

const probeBody = (doneWhen: Argv | undefined): string =>
  doneWhen === undefined ? "false" : `${shellLine(doneWhen)} > /dev/null 2>&1 < /dev/null 9>&-`;

/** The script is one function, called in its last line: a script that arrives only in part does nothing. */
export function stepScript(step: Step, places: StepPlaces = NODE_PLACES): string {
  const removed = step.files.filter(({ removeAfter }) => removeAfter).map(({ path }) => path);
  const remove =
    removed.length === 0 ? ":" : shellLine(["rm", "-f", ...removed, ...removed.map((path) => `${path}.new`)]);
  return `probe() {
  ${probeBody(step.doneWhen)}
}
clean() {
  ${remove}
}
step() {
  log=${shellQuote(`${places.logs}/${step.id}.log`)}
  exec 9> ${step.ofApi === true ? `${places.lock}.${step.id}` : places.lock} || exit ${STEP_EXIT.noLock}
  flock -n 9 || { (echo "${STEP_WAITS}" >&2) || :; flock 9; } || exit ${STEP_EXIT.noLock}
  trap clean EXIT
  trap 'exit 129' HUP
  trap 'exit 143' TERM
  if probe; then exit ${STEP_EXIT.nothingToDo}; fi
  (echo "${STEP_BEGINS}" >&2) || : # nobody may listen any more, and a broken pipe must not end the step
  mkdir -p ${shellQuote(places.logs)}
${[...step.files.map(writeFile), act(step)].join("\n")}
  code=$?
  clean
  tail -n 40 "$log" >&2
  [ "$code" -eq 0 ] || exit "$code"
${step.doneWhen === undefined ? "  exit 0" : `  probe || exit ${STEP_EXIT.notProven}\n  exit 0`}
}
step
`;
}
