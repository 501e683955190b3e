/** A folder as libvirt keeps it (virFileSanitizePath of 9.0): no slash at its end, none twice but two at its beginning. */
export function sanitizedPath(path: string): string {
  const start = /^\/\/(?!\/)/.test(path) ? "//" : "/";
  const rest = path.split("/").filter((part) => part !== "");
  return `${path.startsWith("/") ? start : ""}${rest.join("/")}`;
}
