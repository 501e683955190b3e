import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackKeyInputs, StackKeyOutputs } from "../plan/image-resources";
import { CommandError } from "./errors";
import { localRunner } from "./local-runner";
import type { Created } from "./partial-creation";
import { withPrivateDirectory } from "./private-file";

/** A key pair made by OpenSSH's own tool: ssh2's generator makes unusable ed25519 keys now and then (mscdex/ssh2#1390). */
export const makeKey = ({ comment }: StackKeyInputs): Promise<Created<StackKeyOutputs>> =>
  withPrivateDirectory(tmpdir(), async (folder) => {
    const file = join(folder, "key");
    const { exitCode, stderr } = await localRunner.run(
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file],
      { deadlineSeconds: 60 },
    );
    if (exitCode !== 0) {
      const context = { machine: "host", step: "make the stack's SSH key", next: "install OpenSSH's client" };
      throw new CommandError(context, "ssh-keygen -t ed25519", exitCode, stderr);
    }
    const publicKey = readFileSync(`${file}.pub`, "utf8").trim();
    return { id: comment, outs: { comment, publicKey, privateKey: readFileSync(file, "utf8") } };
  });
