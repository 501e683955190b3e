import { randomBytes, randomInt } from "node:crypto";
import { UNKNOWN, type CreateRequest, type Created, type Properties, type Resource } from "../kit/resource";
import { serve } from "../kit/serve";

/** Stand-in for the random provider where the official plugin cannot be had: the resources that the program uses, in its shape. */

const ADJECTIVES = ["brave", "calm", "eager", "fine", "glad", "kind", "neat", "quick", "warm", "wise"] as const;
const NOUNS = ["badger", "crane", "dingo", "finch", "gecko", "heron", "lemur", "otter", "raven", "tapir"] as const;

const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? "";
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Every changed input replaces: what was made never changes. */
const generated = (unknown: readonly string[], make: (inputs: Properties) => Created) => ({
  create: ({ inputs, preview }: CreateRequest): Promise<Created> =>
    Promise.resolve(
      preview
        ? { id: "", outputs: { ...inputs, ...Object.fromEntries(unknown.map((name) => [name, UNKNOWN])) } }
        : make(inputs),
    ),
});

const randomId: Resource = {
  check: ({ inputs }) => {
    const bytes = inputs["byteLength"];
    const fine = bytes === UNKNOWN || (typeof bytes === "number" && Number.isInteger(bytes) && bytes > 0);
    return fine ? {} : { failures: [{ property: "byteLength", reason: "must be a whole number above 0" }] };
  },
  ...generated(["b64Url", "b64Std", "hex", "dec"], (inputs) => {
    const bytes = randomBytes(count(inputs["byteLength"]));
    const prefix = text(inputs["prefix"]);
    const [b64Url, hex] = [bytes.toString("base64url"), bytes.toString("hex")];
    const forms = { b64Url, b64Std: bytes.toString("base64"), hex, dec: BigInt(`0x${hex}`).toString() };
    const prefixed = Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, prefix + form]));
    return { id: b64Url, outputs: { ...inputs, ...prefixed } };
  }),
};

const randomPet: Resource = {
  check: ({ inputs }) => ({ inputs: { length: 2, separator: "-", ...inputs } }),
  ...generated([], (inputs) => {
    const length = count(inputs["length"]);
    const words = Array.from({ length }, (_, index) => pick(index === length - 1 ? NOUNS : ADJECTIVES));
    const parts = [text(inputs["prefix"]), ...words].filter((word) => word !== "");
    return { id: parts.join(text(inputs["separator"])), outputs: inputs };
  }),
};

void serve({
  name: "random",
  version: "4.21.2",
  resources: { "random:index/randomId:RandomId": randomId, "random:index/randomPet:RandomPet": randomPet },
});
