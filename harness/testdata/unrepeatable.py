"""A node that breaks the rule of virtual time: it draws from the machine.

It is the sequencer of this folder, but that every fortieth request waits for a
coin that no seed decides.
"""

import os
import sys

sys.dont_write_bytecode = True  # nothing is left beside the sources

import sequencer  # noqa: E402


class Unrepeatable(sequencer.Sequencer):
    asked = 0

    def multicast(self, reply_to, body):
        self.asked += 1
        if self.asked % 40 == 0 and os.urandom(1)[0] < 250:
            raise sequencer.Refused(11, "the coin said " + os.urandom(4).hex())
        return super().multicast(reply_to, body)


sequencer.Sequencer = Unrepeatable
sequencer.main()
