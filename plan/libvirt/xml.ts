import { XMLParser } from "fast-xml-parser";

/** XML as libvirt writes and reads it: elements in a given order, attributes quoted by '. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;
/** Undefined children are left out. */
export type Child = string | undefined;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&apos;");

export const text = (value: string | number): string => escaped(String(value));

/** Children are XML already; a text goes through `text`. */
export function element(name: string, attributes: Attributes, children: readonly Child[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}='${escaped(String(value))}'`)
    .join("");
  const inside = children.filter((child) => child !== undefined).join("");
  return inside === "" ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const ATTRIBUTES = ":@";
const TEXT = "#text";

type Parsed = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
});

function elementsOf(nodes: unknown): readonly XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Parsed) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    if (name === undefined || name.startsWith("?")) return [];
    const inside = Array.isArray(node[name]) ? (node[name] as readonly Parsed[]) : [];
    const written = node[ATTRIBUTES];
    const attributes =
      typeof written === "object" && written !== null
        ? Object.fromEntries(Object.entries(written).map(([key, value]) => [key, String(value)]))
        : {};
    return [
      {
        name,
        attributes,
        text: inside.flatMap((child) => (TEXT in child ? [String(child[TEXT])] : [])).join(""),
        children: elementsOf(inside),
      },
    ];
  });
}

/** The root element; an empty one when the text is no XML. */
export const parseXml = (xml: string): XmlElement =>
  elementsOf(parser.parse(xml))[0] ?? { name: "", attributes: {}, text: "", children: [] };

/** One text for one content, whatever the order of attributes. */
export const xmlText = ({ name, attributes, text: inside, children }: XmlElement): string => {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return element(name, Object.fromEntries(sorted), [text(inside.trim()), ...children.map(xmlText)]);
};

/** All elements at a path of names below `from`. */
export const allAt = (from: XmlElement, ...path: readonly string[]): readonly XmlElement[] =>
  path.reduce<readonly XmlElement[]>(
    (found, name) => found.flatMap(({ children }) => children.filter((child) => child.name === name)),
    [from],
  );

export const textAt = (from: XmlElement, ...path: readonly string[]): string => allAt(from, ...path)[0]?.text ?? "";
