import type { Argv } from "./step";

/** Writes standard input to a file through a neighbour that is moved there: never half (the size is known), never readable by others. */
const SCRIPT = `set -e
umask 077
mkdir -p "$(dirname "$1")"
trap 'rm -f "$1.new"' EXIT
cat > "$1.new"
[ "$(wc -c < "$1.new")" -eq "$2" ] || { echo "only part of $1 arrived" >&2; exit 1; }
chmod "$3" "$1.new"
mv "$1.new" "$1"
`;

export const writeFileCommand = (path: string, bytes: number, mode: number): Argv => [
  "sh",
  "-c",
  SCRIPT,
  "sh",
  path,
  String(bytes),
  mode.toString(8).padStart(4, "0"),
];
