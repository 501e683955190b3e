import { stackKeyIn } from "../../plan/stack-key-in-state";

const SHOWN = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const keyOf = (privateKey: unknown): string | undefined => {
  const resources = [
    { urn: "urn:a", type: "pulumi-nodejs:dynamic/replikube:Guest", outputs: { privateKey: "another" } },
    {
      urn: "urn:b",
      type: "pulumi-nodejs:dynamic/replikube:StackKey",
      outputs: { privateKey, publicKey: "ssh-ed25519 A" },
    },
  ];
  return stackKeyIn(JSON.stringify({ deployment: { resources } }))?.reveal();
};

it("is read where Pulumi shows secrets", () => {
  expect(keyOf({ ...SHOWN, plaintext: JSON.stringify("-----BEGIN\nKEY-----\n") })).toBe("-----BEGIN\nKEY-----\n");
});

it("is nothing where it is encrypted, and in a stack that has none", () => {
  expect(keyOf({ ...SHOWN, ciphertext: "v1:abc" })).toBeUndefined();
  expect(stackKeyIn(JSON.stringify({ deployment: {} }))).toBeUndefined();
});
