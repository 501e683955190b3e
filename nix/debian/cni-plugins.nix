# Of the CNI plugins in Debian's package, those that every debian node has.
[
  "bandwidth"
  "bridge"
  "firewall"
  "host-local"
  "ipvlan"
  "loopback"
  "macvlan"
  "portmap"
  "ptp"
  "tuning"
]
