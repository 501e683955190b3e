import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import { Secret } from "../plan/secret";
import { reachOf } from "./reach";
import { sshRunner, type SshRunner } from "./ssh-runner";

/** SSH connections to the nodes that one piece of work touches, made when first used and all closed at its end. */
export type RunnerOf = (node: NodeAccess) => SshRunner;

export async function withNodes<T>(
  access: StackAccess,
  work: (runnerOf: RunnerOf) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const reach = reachOf(access.libvirtUri);
  const privateKey = new Secret(access.privateKey);
  const runners = new Map<string, SshRunner>();
  const runnerOf: RunnerOf = ({ nodeName, address, hostKey }) => {
    const runner =
      runners.get(nodeName) ??
      sshRunner({
        machine: nodeName,
        address,
        hostKey,
        reach,
        privateKey,
        user: "root",
        connectSeconds: deadlineSeconds("connect", access),
        ...(signal !== undefined && { signal }),
      });
    runners.set(nodeName, runner);
    return runner;
  };
  try {
    return await work(runnerOf);
  } finally {
    for (const runner of runners.values()) runner.close();
  }
}
