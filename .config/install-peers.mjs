// Installs what the tests talk to and the published package does not carry, each folder with its own lock:
//   node .config/install-peers.mjs [folders]
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'

const ALL = ['tests/peers', 'examples/deploy', 'tests/nodes']
const wanted = process.argv.slice(2)

for (const folder of wanted.length > 0 ? wanted : ALL) {
  if (isInstalled(folder)) continue
  console.log(`installing ${folder}, once`)
  const args = ['ci', '--prefix', folder, '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** npm writes its own copy of the lock when it has installed everything. */
function isInstalled(folder) {
  const changed = (file) =>
    statSync(path.join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return changed('node_modules/.package-lock.json') > changed('package-lock.json')
}
