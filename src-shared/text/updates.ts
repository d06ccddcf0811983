/** Machines in laboratories are offline: nothing is asked of the network unless its user does. */
export const whereUpdatesAre =
  'The studio never looks for a newer version by itself. What is new stands in CHANGELOG.md, where you got this one.'
