/** Who began a connection to a region's Redis gate, as far as its first bytes tell. */
export interface Peer {
  /** The other region, when it is one that we know. */
  region: string | undefined;
  /** A replica that is being fed, as against a pod that writes. */
  replication: boolean;
}

/** `REPLCONF listening-port N`: every replica says it before PSYNC, and ours announce their own region's gate. */
const REPLICA = /\r\nreplconf\r\n\$14\r\nlistening-port\r\n\$\d+\r\n(\d+)\r\n/i;
/** Pods name their connections: `CLIENT SETNAME pod.<region>`. */
const POD = /\r\nsetname\r\n\$\d+\r\npod\.([a-z0-9-]+)\r\n/i;

export function identifyPeer(firstBytes: string, peers: Record<string, number>): Peer | undefined {
  const replica = REPLICA.exec(firstBytes);
  if (replica) {
    const port = Number(replica[1]);
    return { region: Object.keys(peers).find((code) => peers[code] === port), replication: true };
  }
  const pod = POD.exec(firstBytes);
  return pod ? { region: pod[1], replication: false } : undefined;
}
