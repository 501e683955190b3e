import { Interrupted, ReplikubeError } from "../drivers/errors";
import { verdictsOn, type GarbageSearch } from "../plan/garbage";
import type { Finding, GarbageReport } from "../plan/garbage-report";
import { timedStacks, type ExpiredStack } from "./expired-stacks";
import { leftAlone } from "./garbage-left";
import { garbageOf, removeUnlessMadeAnew, type Garbage } from "./garbage-removal";
import { searchGarbage } from "./garbage-search";
import { untilInterrupted } from "./interrupted-work";
import type { Places } from "./places";
import { pulumiProgram, stackHolder, type PulumiProgram } from "./pulumi-program";
import { destroyStack } from "./stack-destroy";
import { StackBusy, workOnStack } from "./stack-work";
import { usualLibvirt } from "./usual-libvirt";

/** Finds what crashed stacks have left and what has outlived its time, and takes it away. */

export interface GarbageRequest {
  readonly dryRun: boolean;
  readonly report: (line: string) => void;
  /** Sets up what a stack needs to be destroyed, which may be on a libvirt of its own. */
  readonly prepare: (stack: string) => Promise<void>;
}

interface Attempt extends Finding {
  /** Why it is there after all. */
  readonly kept?: string;
  /** Without this and `kept` it is gone. */
  readonly failure?: string;
}

/** Only what has a message for people may be passed over: anything else is a fault of this program. */
async function attempt(finding: Finding, remove: Garbage["remove"]): Promise<Attempt> {
  const { what, why } = finding;
  try {
    const kept = await remove();
    return { what, why, ...(kept !== undefined && { kept }) };
  } catch (error) {
    if (error instanceof Interrupted || !(error instanceof ReplikubeError)) throw error;
    return { what, why, failure: error.message };
  }
}

interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly left: readonly Finding[];
}

const findingOf = ({ stack, why }: ExpiredStack): Finding => ({ what: [`stack ${stack}`], why });

/** The very path of ./lab destroy. */
async function destroy(
  places: Places,
  { stack, why }: ExpiredStack,
  { report, prepare }: GarbageRequest,
): Promise<undefined> {
  await prepare(stack);
  report(`stack ${stack}: ${why}: destroying it`);
  const exitCode = await destroyStack(places, { stack, args: ["--yes", "--skip-preview"], aside: true }, report);
  if (exitCode !== 0) {
    throw new ReplikubeError(`stack ${stack}: pulumi destroy ended with code ${exitCode}\nnext: ./lab destroy`);
  }
}

/** Looked at again, now that nobody else can work on it: destroying those before it took minutes, and an `up` may have renewed its time. */
async function destroyIfStillExpired(
  pulumi: PulumiProgram,
  places: Places,
  each: ExpiredStack,
  request: GarbageRequest,
): Promise<Outcome> {
  const { stack, why } = each;
  try {
    return await workOnStack(places, { stack, verb: "gc" }, async () => {
      const holder = stackHolder(pulumi, places, stack);
      const { expired, left } = timedStacks(places, [{ ...each, ...(holder !== undefined && { holder }) }]);
      const attempts: Attempt[] = [];
      for (const still of expired)
        attempts.push(await attempt(findingOf(still), () => destroy(places, still, request)));
      return { attempts, left };
    });
  } catch (error) {
    if (!(error instanceof StackBusy)) throw error;
    return { attempts: [], left: [{ what: [`stack ${stack}`], why: `${why}, but ${error.holder} works on it` }] };
  }
}

const interruptedText = (doing: string, removed: readonly Finding[]): string =>
  `./lab gc was interrupted while it ${doing}; removed by then: ${removed.flatMap(({ what }) => what).join(", ") || "nothing"}\nnext: ./lab gc looks again, and goes on`;

export async function collectGarbage(places: Places, request: GarbageRequest): Promise<GarbageReport> {
  const { dryRun } = request;
  const pulumi = await pulumiProgram(places);
  const libvirt = await usualLibvirt(places);
  const attempts: Attempt[] = [];
  const removed = (): readonly Finding[] =>
    attempts.filter(({ kept, failure }) => (kept ?? failure) === undefined).map(({ what, why }) => ({ what, why }));
  const atWork = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    untilInterrupted(() => interruptedText(doing, dryRun ? [] : removed()), work);
  const search = (): Promise<GarbageSearch> =>
    atWork("looked for garbage", () => searchGarbage(pulumi, places, libvirt));

  const before = await search();
  const timed = timedStacks(places, before.ownStacks);
  const { expired } = timed;
  const left = [...timed.left];
  for (const each of expired) {
    const outcome = dryRun
      ? { attempts: [findingOf(each)], left: [] }
      : await destroyIfStillExpired(pulumi, places, each, request);
    attempts.push(...outcome.attempts);
    left.push(...outcome.left);
  }
  // What was destroyed is gone now.
  const found = dryRun || expired.length === 0 ? before : await search();
  const verdicts = verdictsOn(found);
  for (const garbage of garbageOf(places, found, verdicts)) {
    const remove = (): Promise<Attempt> => attempt(garbage, () => removeUnlessMadeAnew(pulumi, places, garbage));
    attempts.push(dryRun ? garbage : await atWork(`removed ${garbage.what.join(", ")}`, remove));
  }
  return {
    dryRun,
    libvirtUri: libvirt.uri,
    removed: removed(),
    failed: attempts.flatMap(({ what, failure }) => (failure === undefined ? [] : [{ what, why: failure }])),
    left: [
      ...left,
      ...attempts.flatMap(({ what, kept }) => (kept === undefined ? [] : [{ what, why: kept }])),
      ...leftAlone(places, found, verdicts),
    ],
  };
}
