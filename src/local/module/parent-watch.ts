// Runs in a thread of the process that runs a module of the user, and ends that process when its parent has ended.

/** How often the parent is looked at. Unit: ms. */
const INTERVAL_MS = 500

const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, INTERVAL_MS)
