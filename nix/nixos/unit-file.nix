# Reads a systemd unit file: text -> { Section.Key = [ values in order ]; }. Needs no nixpkgs, so that tests without one
# read the same file in the same way.
let
  trim = text: builtins.head (builtins.match "[[:space:]]*(.*[^[:space:]]|)[[:space:]]*" text);

  step =
    state: rawLine:
    let
      line = trim rawLine;
      section = builtins.match "\\[([^]]+)]" line;
      entry = builtins.match "([A-Za-z0-9-]+)[[:space:]]*=[[:space:]]*(.*)" line;
    in
    if line == "" || builtins.match "[#;].*" line != null then
      state
    else if section != null then
      state // { section = builtins.head section; }
    else if entry == null || state.section == null then
      throw "unit file: cannot read the line: ${line}"
    else
      let
        key = builtins.elemAt entry 0;
        value = builtins.elemAt entry 1;
        before = state.sections.${state.section} or { };
      in
      state
      // {
        sections = state.sections // {
          ${state.section} = before // {
            ${key} = (before.${key} or [ ]) ++ [ value ];
          };
        };
      };

  lines = text: builtins.filter builtins.isString (builtins.split "\n" text);
in
{
  parse =
    text:
    (builtins.foldl' step {
      section = null;
      sections = { };
    } (lines text)).sections;
}
