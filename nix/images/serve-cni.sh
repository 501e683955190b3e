#!/usr/bin/busybox sh
# Runs flanneld, and writes the CNI's configuration when flanneld can serve pods, that is when it has its subnet.
flanneld "$@" &
flanneld=$!
trap 'kill "$flanneld"' TERM INT
until [ -s /run/flannel/subnet.env ]; do
  kill -0 "$flanneld" 2>/dev/null || { wait "$flanneld"; exit $?; }
  busybox sleep 0.2
done
busybox cp /etc/kube-flannel/cni-conf.json /etc/cni/net.d/.10-flannel.conflist
busybox mv /etc/cni/net.d/.10-flannel.conflist /etc/cni/net.d/10-flannel.conflist
# A signal ends the first wait before flanneld has ended.
wait "$flanneld"
wait "$flanneld"
