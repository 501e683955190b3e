# What this experiment's nodes have more than others. Every option: services.replikube in the modules of Replikube.
{ pkgs, ... }:
{
  services.replikube = {
    extraPackages = [ pkgs.tcpdump ];
    sysctls."net.core.somaxconn" = 4096;
  };
}
