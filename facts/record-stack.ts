import * as pulumi from "@pulumi/pulumi";
import { recordStack, type MadeBy } from "./stack-register";

/** The program's part of the register: as soon as the stack's id is known. A preview makes nothing that could carry it. */
export function recordStackWhenMade(stackId: pulumi.Output<string>, stack: Omit<MadeBy, "stackId">): void {
  if (!pulumi.runtime.isDryRun()) stackId.apply((id) => recordStack({ ...stack, stackId: id }));
}
