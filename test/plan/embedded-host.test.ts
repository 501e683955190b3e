import { EMBEDDED_HOST_CONFIGURATION, embeddedHostLayout, socketOfUri } from "../../plan/embedded-host";

const MAX_SOCKET_PATH_BYTES = 107;

describe("embeddedHostLayout", () => {
  it("names the namespace after the directory, so that two checkouts never share one", () => {
    const [a, b] = [embeddedHostLayout("/a/.state/host"), embeddedHostLayout("/b/.state/host")];
    expect(a.namespace).toMatch(/^replikube-[0-9a-f]{8}$/);
    expect(a.namespace).not.toBe(b.namespace);
    expect(embeddedHostLayout("/a/.state/host")).toEqual(a);
  });

  it("puts the socket into the URI", () => {
    expect(embeddedHostLayout("/a/.state/host").uri).toBe("qemu+unix:///system?socket=/a/.state/host/run/libvirt-sock");
  });

  it("survives characters that mean something in a URI", () => {
    const { uri } = embeddedHostLayout("/a b/c&d#e?f%20/ü");
    expect(socketOfUri(uri)).toBe("/a b/c&d#e?f%20/ü/run/libvirt-sock");
    expect(uri).not.toMatch(/[ &#]/);
  });

  it("goes by a short link where a socket address could not hold the path", () => {
    const longest = `/${"x".repeat(MAX_SOCKET_PATH_BYTES - "//run/libvirt-sock".length)}`;
    expect(embeddedHostLayout(longest).link).toBeUndefined();
    const deep = embeddedHostLayout(`${longest}x`);
    expect(deep.link).toBe(`/run/${deep.namespace}`);
    expect(socketOfUri(deep.uri)).toBe(`/run/${deep.namespace}/run/libvirt-sock`);
  });

  it("counts bytes, not characters", () => {
    expect(embeddedHostLayout(`/${"ü".repeat(60)}`).link).toBeDefined();
  });
});

describe("socketOfUri", () => {
  it("knows a URI without one", () => {
    expect(socketOfUri("qemu:///system")).toBeUndefined();
    expect(socketOfUri("qemu+ssh://root@host/system?keyfile=/k")).toBeUndefined();
  });

  it("finds it among other parameters", () => {
    expect(socketOfUri("qemu+unix:///system?mode=direct&socket=/s")).toBe("/s");
  });
});

it("lets guests neither change owners nor see a /dev of their own", () => {
  expect(EMBEDDED_HOST_CONFIGURATION["qemu.conf"]).toContain("dynamic_ownership = 0\n");
  expect(EMBEDDED_HOST_CONFIGURATION["qemu.conf"]).toContain("namespaces = []\n");
});
