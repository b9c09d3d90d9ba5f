import { journalStoreContract } from "../contracts/journal-store.ts";
import { openFixture } from "./fixture.ts";

journalStoreContract({ name: "SQLite", open: () => openFixture() });
