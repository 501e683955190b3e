import { embeddedHostStatus, startEmbeddedHost } from "../../drivers/embedded-host";
import { CommandError, lastLines, ReplikubeError } from "../../drivers/errors";
import { virshFor } from "../../drivers/virsh";
import { variable } from "../../plan/environment";
import { embeddedHostFolder } from "../places";
import { accelerationWords, proofOfKvm } from "./kvm";
import type { Part } from "./part";

const NAMED = "LIBVIRT_DEFAULT_URI names it";
const NEXT = "start it, or unset LIBVIRT_DEFAULT_URI to have the embedded host";
const ANSWER_SECONDS = 20;

/** Undefined: the embedded host is used. */
export const namedUri = (): string | undefined => variable(process.env, "LIBVIRT_DEFAULT_URI");

/** Undefined when it answers. */
async function refusal(uri: string): Promise<string | undefined> {
  try {
    await virshFor(uri).run(["uri"], { deadlineSeconds: ANSWER_SECONDS });
    return undefined;
  } catch (error) {
    return error instanceof CommandError ? lastLines(error.output) : String(error);
  }
}

/** libvirt: the one that LIBVIRT_DEFAULT_URI names, else the embedded host. */
export const libvirt: Part = {
  name: "libvirt",
  plan: "the embedded host: a private libvirtd in a network namespace of its own",
  async check(places) {
    const uri = namedUri();
    if (uri !== undefined)
      return (await refusal(uri)) === undefined ? { what: uri, why: `${NAMED}; it answers` } : undefined;
    const status = await embeddedHostStatus(embeddedHostFolder(places));
    return status.kind === "running" ? { what: "the embedded host", why: "it runs" } : undefined;
  },
  async obstacle() {
    const uri = namedUri();
    const refused = uri === undefined ? undefined : await refusal(uri);
    return refused === undefined ? undefined : `${uri} does not answer: ${refused}; ${NEXT}`;
  },
  async take(places, report) {
    const uri = namedUri();
    if (uri !== undefined) throw new ReplikubeError(`host: ${NAMED}, but ${uri} does not answer\nnext: ${NEXT}`);
    const proof = await proofOfKvm(places);
    await startEmbeddedHost({ directory: embeddedHostFolder(places), kvm: proof.kind === "works", report });
    return {
      what: `the embedded host, ${accelerationWords(proof)}`,
      why: "LIBVIRT_DEFAULT_URI names no other",
    };
  },
};
