import { createHash } from "node:crypto";

const bytes = new Uint8Array(1048576).fill(97);

export default {
    fetch() {
        return new Response(createHash("sha256").update(bytes).digest("hex"));
    },
};
