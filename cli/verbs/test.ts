import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import { Interrupted, INTERRUPTED_EXIT, ReplikubeError } from "../../drivers/errors";
import { localRunner } from "../../drivers/local-runner";
import { startBuilds, yieldingRunner, type Builds } from "../builds-beside-tests";
import { checkNixFiles } from "../nix-checks";
import type { Places } from "../places";
import { pulumiEnvironment } from "../pulumi-environment";
import { testPackages } from "../setup/apt";
import { pulumiInUse } from "../setup/pulumi-cli";
import { PARTS, runSetup } from "../setup/run-setup";
import { testImages } from "../test-images";
import { added, countOf, NOTHING, summaryLine, type Count } from "../test-count";

/** Runs every check and every test that this machine can run, and counts them. */

const CHECKS = ["format", "lint", "types", "dead"] as const;
const PROJECTS = ["unit", "nix", "engine", "guest", "e2e"] as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function timed(name: string, work: () => Promise<Count>, tell = say): Promise<Count> {
  const started = performance.now();
  const count = await work();
  tell(`-- ${name}: ${summaryLine(count)} in ${Math.round((performance.now() - started) / 1000)} s`);
  for (const test of count.skipped) tell(`   skipped: ${test}`);
  return count;
}

async function errorCounts(work: () => Promise<Count>, tell = say): Promise<Count> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    tell(error instanceof Error ? error.message : String(error));
    return { ...NOTHING, failed: 1 };
  }
}

const report = (line: string): void => say(`lab: ${line}`);

/** Work that passes unless it throws. */
const passing = (work: () => Promise<unknown>, tell = say): Promise<Count> =>
  errorCounts(async () => {
    await work();
    return { ...NOTHING, passed: 1 };
  }, tell);

/** Each file has a libvirt of its own, in `engine` a checkout too, and spends half of its time waiting. */
const AT_ONCE: Readonly<Partial<Record<(typeof PROJECTS)[number], number>>> = { engine: 2, guest: 2 };

async function runJest(
  places: Places,
  project: (typeof PROJECTS)[number],
  environment: Readonly<Record<string, string>>,
): Promise<Count> {
  const file = join(places.state, "test", `${project}.json`);
  mkdirSync(join(places.state, "test"), { recursive: true });
  rmSync(file, { force: true }); // never count an older run
  const flags = [
    "--selectProjects",
    project,
    "--passWithNoTests",
    "--silent",
    "--json",
    "--outputFile",
    file,
    "--maxWorkers",
    String(AT_ONCE[project] ?? 1),
  ];
  const exitCode = await runAttached(["node", "node_modules/jest/bin/jest.js", ...flags], { environment });
  if (existsSync(file)) return countOf(JSON.parse(readFileSync(file, "utf8")), exitCode);
  // Without a test file there is no report either.
  return exitCode === 0 ? NOTHING : countOf(undefined, exitCode);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function runAll(places: Places): Promise<Count> {
  let total = NOTHING;
  const stop = new AbortController();
  const counted = async (name: string, work: Promise<Count> = Promise.resolve(NOTHING)): Promise<void> => {
    total = added(total, await work);
    if (!stop.signal.aborted) return;
    throw new Interrupted(`interrupted in ${name}; until then ${summaryLine(total)}`, INTERRUPTED_EXIT);
  };
  const part = (name: string, work: () => Promise<Count>): Promise<void> => counted(name, timed(name, work));
  await part("setup", () => passing(() => runSetup(places, report, [...PARTS, testPackages])));
  const pulumi = await pulumiInUse(places);
  const environment = pulumiEnvironment(places, pulumi ?? "pulumi");
  const interrupt = (): void => stop.abort();
  let builds: Builds = new Map();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    const images = testImages(places, report, yieldingRunner(localRunner, stop.signal));
    // Of what an interrupt has ended nobody wants to read how to mend it.
    const tell = (line: string): void => (stop.signal.aborted ? undefined : say(line));
    builds = startBuilds(images, stop.signal, ({ name, build, neededBy }) => {
      report(`${name}: building, beside what does not need it; ${neededBy} waits for it`);
      return timed(name, () => passing(build, tell), tell);
    });
    for (const check of CHECKS) {
      await part(check, () =>
        passing(async () => {
          const exitCode = await runAttached(["npm", "run", "--silent", check], { environment });
          if (exitCode !== 0) throw new ReplikubeError(`npm run ${check} exited with code ${exitCode}`);
        }),
      );
    }
    await part("nix files", () => errorCounts(() => checkNixFiles(places, { fix: false, report: say })));
    for (const project of PROJECTS) {
      for (const { name, neededBy } of images) {
        if (neededBy === project) await counted(name, builds.get(name));
      }
      await part(project, () => runJest(places, project, environment));
    }
    return total;
  } finally {
    stop.abort();
    // They end now, and must have before this process does.
    await Promise.all(builds.values());
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

export function testVerb(program: Command, places: Places): void {
  program
    .command("test")
    .description("set up what is missing, then run every check and every test that this machine can run")
    .action(async () => {
      process.chdir(places.root);
      const total = await runAll(places);
      say(summaryLine(total));
      process.exitCode = total.failed > 0 ? 1 : 0;
    });
}
