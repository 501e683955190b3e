#!/bin/bash
# Renews nix/debian/packages.lock: asks apt which packages the sets of package-sets.json need today, and records pool path,
# version and SHA-256 of each. The mirror is the one of this machine's own apt configuration, and is not written down.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
keyring=${REPLIKUBE_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mirror=$("$here/mirrors.sh" | head -n 1)
[ -n "$mirror" ] || { echo "no Debian mirror in apt's configuration; name one in REPLIKUBE_DEBIAN_MIRROR" >&2; exit 1; }
suite=$(jq -r .suite "$here/package-sets.json")

mkdir -p "$work"/{lists/partial,cache/archives/partial,etc,dpkg}
: >"$work/dpkg/status"
echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main" >"$work/etc/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::State::Lists "$work/lists";
Dir::State::Status "$work/dpkg/status";
Dir::State::extended_states "$work/extended_states";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/etc/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
export APT_CONFIG="$work/apt.conf"
apt-get -qq update

# What apt would install into an empty system, as package names.
closure() {
  apt-get --simulate install "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | sed 's/:amd64$//' | LC_ALL=C sort -u
}

jq -r '.sets | keys[]' "$here/package-sets.json" >"$work/sets"
while read -r set; do
  mapfile -t wanted < <(jq -r --arg set "$set" '.sets[$set][]' "$here/package-sets.json")
  closure "${wanted[@]}" >"$work/set.$set"
done <"$work/sets"
cat "$work"/set.* | LC_ALL=C sort -u >"$work/all"

# Only the candidate version of each, as the sets were resolved with it.
xargs apt-cache --no-all-versions show <"$work/all" |
  jq -Rn '
    [inputs] | reduce .[] as $line ([{}];
      if $line == "" then . + [{}]
      else ($line | capture("^(?<key>Package|Version|Filename|SHA256|Size): (?<value>.*)$")? // null) as $field
        | if $field then .[-1][$field.key] = $field.value else . end
      end)
    | map(select(.Package)) | unique_by(.Package)
    | map({(.Package): {version: .Version, path: .Filename, sha256: .SHA256}}) | add' >"$work/packages.json"

jq -n --arg suite "$suite" --slurpfile packages "$work/packages.json" \
  --argjson sets "$(while read -r set; do jq -Rn --arg set "$set" '{($set): [inputs]}' <"$work/set.$set"; done <"$work/sets" | jq -s add)" \
  '{schema: 1, suite: $suite, sets: $sets, packages: $packages[0]}' >"$work/packages.lock"
for name in $(cat "$work/all"); do
  jq -e --arg name "$name" '.packages[$name].sha256' "$work/packages.lock" >/dev/null || { echo "apt has no file for $name" >&2; exit 1; }
done
mv "$work/packages.lock" "$here/packages.lock"
echo "locked $(wc -l <"$work/all") packages of $suite"
