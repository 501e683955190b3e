import type { XmlElement } from "./xml";

/** In words: which of `names`, none of which libvirt ever adds by itself, stand below `from`. */
export const foreignParts = (from: XmlElement | undefined, names: readonly string[], where = ""): readonly string[] =>
  names.filter((name) => from?.children.some((child) => child.name === name)).map((name) => `${where}has ${name}`);
