"""What a support desk is: conversations, tickets, working hours, and the rules that join them.

Two rings. The pure ring reads no clock, makes no id, awaits nothing and knows no platform. Around
it the service ring (`desk`, `delivery`, `admin`) awaits the ports of `ports`, and nothing else.
"""
