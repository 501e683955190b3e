import { markText, parseMark, type Mark } from "../mark";
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
const GUEST_AGENT = "org.qemu.guest_agent.0";

const base64 = (value: string): string => Buffer.from(value).toString("base64");
const letter = (index: number): string => String.fromCharCode("a".charCodeAt(0) + index);

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

function diskElement({ volumeId, file, blockDevice }: DomainInputs["disks"][number], index: number): string {
  const path = volumeId ?? file ?? "";
  const target = element("target", { dev: `vd${letter(index)}`, bus: "virtio" });
  if (blockDevice !== undefined) {
    const driver = element("driver", { name: "qemu", type: "raw" });
    return element("disk", { type: "block", device: "disk" }, [
      driver,
      element("source", { dev: blockDevice }),
      target,
    ]);
  }
  const driver = element("driver", { name: "qemu", type: /\.(raw|img|iso)$/.test(path) ? "raw" : "qcow2" });
  return element("disk", { type: "file", device: "disk" }, [driver, element("source", { file: path }), target]);
}

const cloudInitElement = (path: string): string =>
  element("disk", { type: "file", device: "cdrom" }, [
    element("driver", { name: "qemu", type: "raw" }),
    element("source", { file: path }),
    element("target", { dev: "sda", bus: "sata" }),
    "<readonly/>",
  ]);

function interfaceElement({ networkId, networkName, bridge, mac }: DomainInputs["networkInterfaces"][number]): string {
  const source = bridge === undefined ? { network: networkName ?? networkId } : { bridge };
  return element("interface", { type: bridge === undefined ? "network" : "bridge" }, [
    mac === undefined ? undefined : element("mac", { address: mac }),
    element("source", source),
    element("model", { type: "virtio" }),
  ]);
}

function consoleElement({ type, targetPort, targetType, sourcePath }: DomainInputs["consoles"][number]): string {
  // Appended: what a guest said before it was restarted is worth keeping.
  const source = sourcePath === undefined ? undefined : element("source", { path: sourcePath, append: "on" });
  return targetType === "serial"
    ? element("serial", { type }, [source, element("target", { port: targetPort })])
    : element("console", { type }, [source, element("target", { type: "virtio", port: targetPort })]);
}

const cpuElement = ({ mode, disabledFeatures = [] }: NonNullable<DomainInputs["cpu"]>): string =>
  element(
    "cpu",
    { mode },
    disabledFeatures.map((name) => element("feature", { policy: "disable", name })),
  );

const optional = (name: string, value: string | undefined): string | undefined =>
  value === undefined || value === "" ? undefined : element(name, {}, [text(value)]);

export function domainXml(inputs: DomainInputs, { uuid, instance, mark }: DomainIdentity): string {
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
      kernel === undefined ? element("boot", { dev: "hd" }) : undefined,
      entries.length === 0 ? undefined : element("smbios", { mode: "sysinfo" }),
    ]),
    "<features><acpi/><apic/></features>",
    cpu === undefined ? undefined : cpuElement(cpu),
    element("clock", { offset: "utc" }),
    "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>",
    element("devices", {}, [
      optional("emulator", inputs.emulator),
      ...inputs.disks.map(diskElement),
      inputs.cloudinit === undefined ? undefined : cloudInitElement(inputs.cloudinit),
      ...inputs.networkInterfaces.map(interfaceElement),
      ...inputs.consoles.map(consoleElement),
      inputs.qemuAgent
        ? element("channel", { type: "unix" }, [element("target", { type: "virtio", name: GUEST_AGENT })])
        : undefined,
      element("rng", { model: "virtio" }, [element("backend", { model: "random" }, ["/dev/urandom"])]),
      element("memballoon", { model: "none" }),
    ]),
  ]);
}

export interface SeenDomain extends DomainIdentity {
  /** MiB */
  readonly memory: number;
  readonly vcpu: number;
}

const KIB_PER_MIB = 1024;

/** From `virsh dumpxml --inactive`, which gives memory in KiB. */
export function seenDomain(xml: string): SeenDomain {
  const root = parseXml(xml);
  const own = allAt(root, "metadata", METADATA)[0]?.attributes ?? {};
  return {
    uuid: textAt(root, "uuid"),
    instance: own["instance"] ?? "",
    mark: parseMark(own["mark"] ?? ""),
    memory: Number(textAt(root, "memory")) / KIB_PER_MIB,
    vcpu: Number(textAt(root, "vcpu")),
  };
}
