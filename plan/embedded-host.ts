import { createHash } from "node:crypto";
import { join } from "node:path";
import { isOnThisMachine } from "./libvirt-uri";

/** The embedded host as values: its names, places and configuration. drivers/embedded-host.ts starts and stops it. */

/** Debian packages that it needs, each with the programs of it that must be there. */
export const EMBEDDED_HOST_PACKAGES = {
  "libvirt-daemon-system": ["libvirtd", "virtlogd"],
  "libvirt-clients": ["virsh"],
  "qemu-system-x86": ["qemu-system-x86_64"],
  "qemu-utils": ["qemu-img"],
  "dnsmasq-base": ["dnsmasq"],
  iproute2: ["ip"],
  iptables: ["iptables"],
  "util-linux": ["nsenter", "unshare", "flock"],
} as const;

/** sizeof(sockaddr_un.sun_path) - 1 */
const MAX_SOCKET_PATH_BYTES = 107;

export interface EmbeddedHostLayout {
  /** Everything of the host lies in it; removing it when the host is stopped removes the host. */
  readonly directory: string;
  /** Name of the network namespace, and of the cgroup. */
  readonly namespace: string;
  readonly namespacePath: string;
  /** A short name for the directory, made when the socket's own path is too long for a socket address. */
  readonly link: string | undefined;
  readonly uri: string;
  readonly record: string;
  readonly lock: string;
  /** Where its cgroups are, as start.sh chose them. */
  readonly cgroups: string;
  readonly libvirtdPidFile: string;
  readonly libvirtdLog: string;
  /** One pid file per running guest. */
  readonly guestPidFiles: string;
}

/** libvirt decodes the socket's path like any part of a URI. */
const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** `directory` must be absolute. */
export function embeddedHostLayout(directory: string): EmbeddedHostLayout {
  const namespace = `replikube-${createHash("sha256").update(directory).digest("hex").slice(0, 8)}`;
  const ownSocket = join(directory, "run/libvirt-sock");
  const link = Buffer.byteLength(ownSocket) > MAX_SOCKET_PATH_BYTES ? `/run/${namespace}` : undefined;
  const socket = link === undefined ? ownSocket : join(link, "run/libvirt-sock");
  return {
    directory,
    namespace,
    namespacePath: `/run/netns/${namespace}`,
    link,
    uri: `qemu+unix:///system?socket=${encodePath(socket)}`,
    record: join(directory, "host.json"),
    lock: join(directory, "lock"),
    cgroups: join(directory, "cgroups"),
    libvirtdPidFile: join(directory, "run/libvirtd.pid"),
    libvirtdLog: join(directory, "log/libvirtd.log"),
    guestPidFiles: join(directory, "run/qemu"),
  };
}

/** The socket in the URI of a libvirt on this machine, when it names one. */
export function socketOfUri(libvirtUri: string): string | undefined {
  if (!isOnThisMachine(libvirtUri)) return undefined;
  const query = libvirtUri.split("?")[1] ?? "";
  const parameter = query.split("&").find((part) => part.startsWith("socket="));
  return parameter === undefined ? undefined : decodeURIComponent(parameter.slice("socket=".length));
}

/** Files below the host's `etc`, which stands for /etc/libvirt inside. */
export const EMBEDDED_HOST_CONFIGURATION: Readonly<Record<string, string>> = {
  // Root, and no change of owners: a base image is used where it lies in the Nix store. No mount namespace per guest: libvirt
  // would give it a /dev of its own, with the host's kvm in it.
  "qemu.conf": [
    'user = "root"',
    'group = "root"',
    "dynamic_ownership = 0",
    "remember_owner = 0",
    "namespaces = []",
    'security_driver = "none"',
    "",
  ].join("\n"),
  // The socket is for root alone, so nobody has to be asked: there is no polkit in the namespace.
  "libvirtd.conf": [
    'unix_sock_ro_perms = "0700"',
    'unix_sock_rw_perms = "0700"',
    'auth_unix_ro = "none"',
    'auth_unix_rw = "none"',
    'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"',
    "",
  ].join("\n"),
  "virtlogd.conf": 'log_outputs = "3:file:/var/log/libvirt/virtlogd.log"\n',
  "libvirt.conf": "",
  // Nothing of the machine's own name servers is of use inside, or to be asked from there.
  "resolv.conf": "",
};
