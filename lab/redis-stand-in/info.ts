import type { Instance } from "./instance.ts";

/** INFO, with the fields of the real one that somebody reads. `redis_mode:stand-in` says what it is. */
export function renderInfo(instance: Instance, wanted: string[]): string {
  const sections: Record<string, () => object> = {
    server: () => server(instance),
    replication: () => replication(instance),
    stats: () => {
      const { full, partial } = instance.replicas.counts();
      return { sync_full: full, sync_partial_ok: partial };
    },
    persistence: () => persistence(instance),
    keyspace: () => ({ db0: `keys=${instance.data.size()},expires=0,avg_ttl=0` }),
  };
  const all = wanted.length === 0 || wanted.some((name) => ["all", "default", "everything"].includes(name));
  return Object.entries(sections)
    .filter(([name]) => all || wanted.includes(name))
    .map(([name, fields]) => `# ${name[0]!.toUpperCase()}${name.slice(1)}\r\n${lines(fields())}`)
    .join("\r\n");
}

function lines(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join("");
}

function server({ config, runId, startedAt }: Instance): object {
  return {
    redis_version: "7.0.0",
    redis_mode: "stand-in",
    process_id: process.pid,
    run_id: runId,
    tcp_port: config.get("port"),
    uptime_in_seconds: Math.floor((Date.now() - startedAt) / 1000),
  };
}

function replication({ history, replicas, follower, count }: Instance): object {
  const primary = follower();
  const maxLag = count("min-replicas-max-lag", 10);
  const wanted = count("min-replicas-to-write", 0);
  const up = primary?.linkUp();
  const slaves = replicas.list().map(({ port, offset, acknowledgedAt }, index) => {
    const lag = Math.floor((Date.now() - acknowledgedAt) / 1000);
    return [`slave${index}`, `ip=127.0.0.1,port=${port},state=online,offset=${offset},lag=${lag}`];
  });
  return {
    role: primary ? "slave" : "master",
    ...(primary && {
      master_host: primary.host,
      master_port: primary.port,
      master_link_status: up ? "up" : "down",
      master_last_io_seconds_ago: up ? 0 : -1,
      master_sync_in_progress: primary.linkState() === "sync" ? 1 : 0,
      slave_read_repl_offset: history.offset(),
      slave_repl_offset: history.offset(),
      ...(!up && { master_link_down_since_seconds: Math.floor((Date.now() - primary.downSince()) / 1000) }),
      slave_priority: 100,
      slave_read_only: 1,
    }),
    connected_slaves: slaves.length,
    ...(wanted > 0 && maxLag > 0 && { min_slaves_good_slaves: replicas.good(maxLag) }),
    ...Object.fromEntries(slaves),
    master_failover_state: "no-failover",
    master_replid: history.id(),
    master_replid2: history.secondId(),
    master_repl_offset: history.offset(),
    second_repl_offset: history.secondOffset(),
  };
}

function persistence({ saves }: Instance): object {
  return {
    loading: 0,
    rdb_bgsave_in_progress: saves.inProgress ? 1 : 0,
    rdb_last_save_time: saves.lastAt,
    rdb_last_bgsave_status: saves.lastStatus,
    rdb_saves: saves.count,
    aof_enabled: 1,
    aof_rewrite_in_progress: 0,
    aof_last_write_status: "ok",
  };
}
