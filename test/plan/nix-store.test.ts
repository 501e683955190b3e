import { storePlaceOf, storeSettingOf } from "../../plan/nix-store";

const rooted = (root: string) => ({
  kind: "rooted",
  entries: `${root}/nix/store`,
  database: `${root}/nix/var/nix/db/db.sqlite`,
});

it.each(["", "auto", "daemon", "local", "local://", "unix:///run/nix/socket", "auto?priority=10"])(
  "%p is the store that its paths name",
  (setting) => expect(storePlaceOf(setting)).toEqual({ kind: "as named" }),
);

it.each([
  ["/srv/a b", "/srv/a b"],
  ["local?root=/srv", "/srv"],
  ["local?root=/srv/a+b", "/srv/a+b"],
  // As Nix 2.34 spells what it was given.
  ["local:///srv/a%20b", "/srv/a b"],
  ["local:///srv/100%", "/srv/100%"],
  ["local://?root=/srv/a%20b", "/srv/a b"],
  ["unix:///run/nix/socket?root=/srv", "/srv"],
])("%p lies below another root", (setting, root) => expect(storePlaceOf(setting)).toEqual(rooted(root)));

it("knows entries that lie somewhere else altogether", () => {
  expect(storePlaceOf("local?root=/srv&real=/data/store")).toMatchObject({ kind: "rooted", entries: "/data/store" });
});

it.each([
  "ssh-ng://builder",
  "ssh://builder",
  "https://cache.example.org",
  "s3://bucket",
  "file:///srv/cache",
  "./here",
])("%p keeps nothing here that a machine could boot", (setting) =>
  expect(storePlaceOf(setting)).toEqual({ kind: "elsewhere" }),
);

it("finds the setting in Nix's own list", () => {
  expect(storeSettingOf("show-trace = false\nstore = local:///srv\nstore-other = x\n")).toBe("local:///srv");
  expect(storeSettingOf("")).toBe("");
});
