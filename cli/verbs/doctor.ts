import type { Command } from "commander";
import { findingsText, isFit, type Finding } from "../../plan/doctor";
import { gitFinding, machineFindings } from "../machine-findings";
import type { Places } from "../places";
import type { Part } from "../setup/part";
import { checkoutParts } from "../setup/stack-parts";

/** What is there, what would be taken, what cannot be had. Changes nothing. */

export async function findingOf(part: Part, places: Places): Promise<Finding> {
  const found = await part.check(places);
  if (found !== undefined) return { part: part.name, state: "there", ...found };
  const obstacle = await part.obstacle?.(places);
  if (obstacle !== undefined) return { part: part.name, state: "missing", what: "not there", why: obstacle };
  return { part: part.name, state: "will be taken", what: part.plan, why: "./lab setup or ./lab up takes it" };
}

export function doctorVerb(program: Command, places: Places): void {
  program
    .command("doctor")
    .description("what is there, what is missing, what would be taken; changes nothing")
    .option("--json", "for a script")
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const parts = await Promise.all(checkoutParts().map((part) => findingOf(part, places)));
      const node: Finding = {
        part: "Node",
        state: "there",
        what: `${process.version} at ${process.execPath}`,
        why: "22 or newer",
      };
      const findings = [node, ...parts, ...machineFindings(places), await gitFinding(places)];
      process.stdout.write(`${json ? JSON.stringify(findings, undefined, 2) : findingsText(findings)}\n`);
      process.exitCode = isFit(findings) ? 0 : 1;
    });
}
