"""Processes beside a host for work that would stop everybody else: started when there is work, ended when there is none."""
