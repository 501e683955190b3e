import { embeddedHostStatus, startEmbeddedHost } from "../../drivers/embedded-host";
import { embeddedHostFolder } from "../places";
import type { Part } from "./part";

/** libvirt: the one that LIBVIRT_DEFAULT_URI names, else the embedded host. */
export const libvirt: Part = {
  name: "libvirt",
  plan: "the embedded host: a private libvirtd in a network namespace of its own",
  async check(places) {
    const uri = process.env["LIBVIRT_DEFAULT_URI"];
    if (uri !== undefined) return { what: uri, why: "LIBVIRT_DEFAULT_URI names it" };
    const status = await embeddedHostStatus(embeddedHostFolder(places));
    return status.kind === "running" ? { what: "the embedded host", why: "it runs" } : undefined;
  },
  async take(places, report) {
    const host = await startEmbeddedHost({ directory: embeddedHostFolder(places), report });
    return {
      what: `the embedded host, guests ${host.kvm ? "with KVM" : "EMULATED"}`,
      why: "LIBVIRT_DEFAULT_URI names no other",
    };
  },
};
