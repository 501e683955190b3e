import { confirmation, type Verb } from "../../cli/confirmation";

/** Without a terminal, the words that Pulumi is told besides those that were given. */

const BOTH = ["--yes", "--skip-preview"];

it.each<readonly [Verb, string, readonly string[]]>([
  ["up", "", ["--yes"]],
  ["up", "--yes", ["--yes"]],
  ["up", "-y --skip-preview", ["--yes"]],
  ["refresh", "", BOTH],
  ["refresh", "--yes", BOTH],
  ["refresh", "-y", BOTH],
  ["refresh", "--yes --skip-preview", BOTH],
  ["refresh", "--preview-only", []],
  ["refresh", "--yes --preview-only", []],
  ["refresh", "--preview-only=true", []],
  ["refresh", "--preview-only=false", BOTH],
  ["destroy", "", BOTH],
  ["destroy", "--yes --remove", BOTH],
  ["destroy", "--preview-only", []],
  ["preview", "", []],
  ["preview", "--refresh", []],
])("%s %s: %j", (verb, args, told) => {
  expect(confirmation(verb, args.split(" "), false)).toEqual(told);
});

it.each<Verb>(["up", "preview", "refresh", "destroy"])("%s on a terminal leaves it to its user", (verb) => {
  expect(confirmation(verb, [], true)).toEqual([]);
});
