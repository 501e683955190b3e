import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./resource";

/** Values between the wire and JavaScript: secrets are unwrapped on the way in and wrapped again by name on the way out. */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isTree(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrapped(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unwrapped(each)]));
}

const holdsSecret = (value: unknown): boolean =>
  isTree(value) && (value[SIGNATURE] === SECRET || Object.values(value).some(holdsSecret));

const raw = (message: Struct | undefined): Tree => message?.toJavaScript() ?? {};

export const plain = (message: Struct | undefined): Properties =>
  Object.fromEntries(Object.entries(raw(message)).map(([name, value]) => [name, unwrapped(value)]));

/** Top-level names whose value holds a secret at any depth: the whole value is secret then. */
export const secretNames = (message: Struct | undefined): readonly string[] =>
  Object.entries(raw(message))
    .filter(([, value]) => holdsSecret(value))
    .map(([name]) => name);

/** Struct rejects undefined, so such keys go, at every depth; bigint and functions cannot stand in properties. */
function wireValue(value: unknown): JavaScriptValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (Array.isArray(value)) return value.map(wireValue);
  if (isTree(value)) return wireTree(value);
  throw new TypeError(`a ${typeof value} cannot be a property`);
}

const wireTree = (values: Tree): Record<string, JavaScriptValue> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, wireValue(value)]),
  );

export const struct = (values: Properties, secrets: readonly string[] = []): Struct =>
  Struct.fromJavaScript(
    Object.fromEntries(
      Object.entries(wireTree(values)).map(([name, value]) => [
        name,
        secrets.includes(name) ? { [SIGNATURE]: SECRET, value } : value,
      ]),
    ),
  );
