import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { placesOf } from "../../cli/places";
import { labProgram } from "../../cli/program";

/** docs/guide/commands.md has every command with every option, and no others. */

const root = resolve(__dirname, "../..");
const page = readFileSync(join(root, "docs/guide/commands.md"), "utf8");
const commands = labProgram(placesOf(root)).commands;

const sectionOf = (name: string): string =>
  page.split(/^#{2,3} /m).find((each) => each.startsWith(`\`./lab ${name}\``)) ?? "";

const optionsOf = (command: Command): readonly string[] => [
  ...command.options.map(({ long }) => long ?? ""),
  ...command.commands.flatMap(optionsOf),
];

it("has a section for every command, in the order of ./lab --help", () => {
  const sections = [...page.matchAll(/^### `\.\/lab ([\w-]+)`$/gm)].map(([, name]) => name);
  expect(sections).toEqual(commands.map((command) => command.name()));
});

it.each(commands.map((command) => [command.name(), command] as const))("%s: every option is named", (name, command) => {
  expect(optionsOf(command).filter((option) => !sectionOf(name).includes(option))).toEqual([]);
});

it("names no option that a command does not have", () => {
  const named = [...page.matchAll(/^- `(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  const known = new Set(commands.flatMap(optionsOf));
  expect(named.filter((option) => !known.has(option ?? ""))).toEqual([]);
});
