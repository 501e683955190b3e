import { utils } from "ssh2";
import { makeKey } from "../../drivers/ssh-key";

it("makes an ed25519 pair that belongs together, and another one each time", async () => {
  const [one, two] = [await makeKey({ comment: "replikube-dev" }), await makeKey({ comment: "replikube-dev" })];
  expect(one.outs.publicKey).toMatch(/^ssh-ed25519 \S+ replikube-dev$/);
  const parsed = utils.parseKey(one.outs.privateKey);
  expect(parsed).not.toBeInstanceOf(Error);
  if (parsed instanceof Error) return;
  expect(`ssh-ed25519 ${parsed.getPublicSSH().toString("base64")} replikube-dev`).toBe(one.outs.publicKey);
  expect(one.outs.privateKey).not.toBe(two.outs.privateKey);
});
