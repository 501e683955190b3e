import { existsSync } from "node:fs";
import { join } from "node:path";
import { lastLines, ReplikubeError } from "../drivers/errors";
import { nixEnvironment } from "../drivers/nix-environment";
import type { CommandRunner } from "../drivers/runner";
import { isWithinSkew } from "../plan/kubectl-skew";

/** Finds a kubectl that may talk to the cluster: the one on PATH, else the one that the image build makes. */
export interface KubectlSearch {
  readonly checkout: string;
  /** Of the API server, with the leading v. */
  readonly serverVersion: string;
  readonly runner: CommandRunner;
  readonly report: (line: string) => void;
}

async function clientVersion(program: string, runner: CommandRunner): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runner.run([program, "version", "--client", "--output=json"]);
    if (exitCode !== 0) return undefined;
    const { clientVersion: client }: { readonly clientVersion?: { readonly gitVersion?: string } } = JSON.parse(stdout);
    return client?.gitVersion;
  } catch {
    return undefined; // no such program, or one that answers something else
  }
}

/** The link is a garbage collector's root, so the tools stay as long as the checkout. */
export async function buildHostTools(
  { checkout, runner }: Pick<KubectlSearch, "checkout" | "runner">,
  link: string,
): Promise<void> {
  const built = await runner.run(["nix", "build", `${checkout}#host-tools`, "--out-link", link], {
    cwd: checkout,
    environment: nixEnvironment("debian"),
  });
  if (built.exitCode === 0) return;
  throw new ReplikubeError(
    `host: no kubectl for this cluster, and nix build .#host-tools exited with code ${built.exitCode}\n${lastLines(built.stderr)}\nnext: ./lab doctor, or put a kubectl of the cluster's version on PATH`,
  );
}

export async function findKubectl(search: KubectlSearch): Promise<string> {
  const { checkout, serverVersion, runner, report } = search;
  const onPath = await clientVersion("kubectl", runner);
  if (onPath !== undefined && isWithinSkew(onPath, serverVersion)) return "kubectl";

  const link = join(checkout, ".state", "host-tools");
  const built = join(link, "bin", "kubectl");
  if (existsSync(built) && isWithinSkew((await clientVersion(built, runner)) ?? "", serverVersion)) return built;
  const why =
    onPath === undefined ? "there is no kubectl on PATH" : `kubectl ${onPath} is too far from ${serverVersion}`;
  report(`kubectl: ${why}; building the one of the image (nix build .#host-tools)`);
  await buildHostTools(search, link);
  return built;
}
