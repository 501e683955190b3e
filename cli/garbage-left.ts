import { strayBridges, type GarbageSearch, type Verdict } from "../plan/garbage";
import { folderVerdict } from "../plan/garbage-folders";
import type { Finding } from "../plan/garbage-report";
import { describe } from "../plan/host-object";
import { bridgeName } from "../plan/names";
import { stackDirectory } from "../plan/plan-topology";
import { stackFolders } from "./garbage-search";
import type { Places } from "./places";

/** What looks like a stack's and is left alone, with the reason. */
export function leftAlone(places: Places, search: GarbageSearch, verdicts: readonly Verdict[]): readonly Finding[] {
  const marked = verdicts.flatMap((verdict): readonly Finding[] =>
    verdict.kind === "left" && verdict.objects.length > 0
      ? [{ what: verdict.objects.map(describe), why: verdict.why }]
      : [],
  );
  const bridges = strayBridges(search.objects, bridgeName).map((name) => ({
    what: [`bridge ${name}`],
    why: `no network has it, and a bridge cannot say whose it is; if nobody needs it: ip link delete ${name}`,
  }));
  const folders = stackFolders(places).flatMap((folder): readonly Finding[] => {
    const verdict = folderVerdict(folder, search, verdicts);
    return verdict.kind === "left"
      ? [{ what: [`folder ${stackDirectory(places.root, folder.stack)}`], why: verdict.why }]
      : [];
  });
  return [...marked, ...bridges, ...folders];
}
