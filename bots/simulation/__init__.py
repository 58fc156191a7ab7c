"""The whole desk in virtual time: its real engine between modelled platforms and people."""
