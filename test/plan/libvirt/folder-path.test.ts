import { sanitizedPath } from "../../../plan/libvirt/folder-path";

it.each([
  ["/data/pool", "/data/pool"],
  ["/data/pool/", "/data/pool"],
  ["/data//pool///", "/data/pool"],
  ["//data/pool", "//data/pool"],
  ["///data", "/data"],
  ["/data/./../pool/", "/data/./../pool"],
  ["/", "/"],
  ["//", "//"],
])("%s is kept by libvirt 9.0 as %s", (path, kept) => expect(sanitizedPath(path)).toBe(kept));
