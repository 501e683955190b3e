import { markText, parseMark, type Mark } from "../mark";
import { deviceElements, type DomainSurroundings } from "./domain-devices";
import type { DomainInputs } from "./inputs";
import { allAt, element, parseXml, text, textAt } from "./xml";

/** A domain as libvirt's XML, and what of it is read back. */

/** What a domain's metadata holds beside its mark. */
export interface DomainIdentity {
  readonly uuid: string;
  /** Random, made anew whenever the domain is created. */
  readonly instance: string;
  readonly mark: Mark | undefined;
}

const NAMESPACE = "urn:replikube:domain:1";
const METADATA = "replikube:domain";

const base64 = (value: string): string => Buffer.from(value).toString("base64");

/** SMBIOS type 11: systemd reads credentials from there. In base64, so that every byte arrives. */
export const credentialEntries = (credentials: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(credentials)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `io.systemd.credential.binary:${name}=${base64(value)}`);

/** `_` holds words as they are, as in 0.5.4's underlying provider. */
export const commandLineOf = (cmdlines: NonNullable<DomainInputs["cmdlines"]>): string =>
  cmdlines
    .flatMap((entries) => Object.entries(entries).map(([key, value]) => (key === "_" ? value : `${key}=${value}`)))
    .join(" ");

const cpuElement = ({ mode, disabledFeatures = [] }: NonNullable<DomainInputs["cpu"]>): string =>
  element(
    "cpu",
    { mode },
    disabledFeatures.map((name) => element("feature", { policy: "disable", name })),
  );

/** Devices that are not named are not tried. */
function bootOrder({ bootDevices }: DomainInputs): readonly string[] {
  const named = bootDevices.flatMap(({ devs }) => devs);
  return named.length === 0 ? ["hd"] : named;
}

const optional = (name: string, value: string | undefined): string | undefined =>
  value === undefined || value === "" ? undefined : element(name, {}, [text(value)]);

export function domainXml(
  inputs: DomainInputs,
  { uuid, instance, mark }: DomainIdentity,
  surroundings: DomainSurroundings,
): string {
  const { credentials = {}, cpu, kernel, initrd, cmdlines, firmware, nvram } = inputs;
  const entries = credentialEntries(credentials);
  const line = cmdlines === undefined ? "" : commandLineOf(cmdlines);
  return element("domain", { type: inputs.type }, [
    element("name", {}, [text(inputs.name)]),
    element("uuid", {}, [uuid]),
    optional("description", inputs.description),
    element("metadata", {}, [
      element(METADATA, {
        "xmlns:replikube": NAMESPACE,
        instance,
        mark: mark === undefined ? undefined : markText(mark),
      }),
    ]),
    element("memory", { unit: "MiB" }, [text(inputs.memory)]),
    element("vcpu", {}, [text(inputs.vcpu)]),
    entries.length === 0
      ? undefined
      : element("sysinfo", { type: "smbios" }, [
          element(
            "oemStrings",
            {},
            entries.map((entry) => element("entry", {}, [text(entry)])),
          ),
        ]),
    element("os", {}, [
      element("type", { arch: inputs.arch, machine: inputs.machine }, ["hvm"]),
      firmware === undefined ? undefined : element("loader", { readonly: "yes", type: "pflash" }, [text(firmware)]),
      nvram === undefined ? undefined : element("nvram", { template: nvram.template }, [text(nvram.file ?? "")]),
      optional("kernel", kernel),
      optional("initrd", initrd),
      optional("cmdline", line),
      ...(kernel === undefined ? bootOrder(inputs).map((dev) => element("boot", { dev })) : []),
      entries.length === 0 ? undefined : element("smbios", { mode: "sysinfo" }),
    ]),
    "<features><acpi/><apic/></features>",
    cpu === undefined ? undefined : cpuElement(cpu),
    element("clock", { offset: "utc" }),
    "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>",
    element("devices", {}, [optional("emulator", inputs.emulator), ...deviceElements(inputs, surroundings)]),
  ]);
}

export interface SeenDomain extends DomainIdentity {
  readonly name: string;
  readonly description: string;
}

/** From `virsh dumpxml --inactive`. */
export function seenDomain(xml: string): SeenDomain {
  const root = parseXml(xml);
  const own = allAt(root, "metadata", METADATA)[0]?.attributes ?? {};
  return {
    name: textAt(root, "name"),
    uuid: textAt(root, "uuid"),
    instance: own["instance"] ?? "",
    mark: parseMark(own["mark"] ?? ""),
    description: textAt(root, "description"),
  };
}
