// Reads feeds, and writes what the reader makes of each as one JSON object by file name.
const fs = require("fs");
const path = require("path");
const { parseFeed } = require("podcast-partytime");

const found = {};
for (const file of process.argv.slice(2)) found[path.basename(file, ".xml")] = parseFeed(fs.readFileSync(file, "utf8"));
fs.writeSync(1, JSON.stringify(found));
