// The smallest node in Java: n1 gives everything its place in one order. It bears no
// fault. It needs a JDK alone (17 or later): java docs/nodes/Node.java
import java.io.*;
import java.net.*;
import java.util.*;

public class Node {
    static final Map<String, DataOutputStream> out = new HashMap<>();
    static final Map<String, Map<String, Object>> pending = new HashMap<>(); // lines without an answer
    static final List<String> members = new ArrayList<>();
    static Map<String, Object> init;
    static String node, me, view;

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        Map<String, Object> first = line(in.readLine());
        init = body(first);
        node = (String) init.get("node_id");
        me = node + "." + init.get("incarnation");
        String[] listen = ((String) init.get("listen")).split(":");
        ServerSocket server = new ServerSocket(Integer.parseInt(listen[1]), 50, InetAddress.getByName(listen[0]));
        thread(() -> { while (true) { Socket conn = server.accept(); thread(() -> read(conn)); } });
        request(first);
        for (String text; (text = in.readLine()) != null; ) request(line(text));
        System.exit(0);
    }

    interface Task { void run() throws Exception; }

    static void thread(Task task) {
        Thread t = new Thread(() -> { try { task.run(); } catch (Exception e) { } });
        t.setDaemon(true);
        t.start();
    }

    static void say(String dest, String body) {
        System.out.println("{\"src\":\"" + node + "\",\"dest\":\"" + dest + "\",\"body\":{" + body + "}}");
        System.out.flush();
    }

    static void answer(Map<String, Object> line, String type, String more) {
        say((String) line.get("src"), "\"type\":\"" + type + "\",\"in_reply_to\":" + body(line).get("msg_id") + more);
    }

    static void send(String to, String... m) throws IOException {
        if (to.equals(node)) { receive(m); return; }
        if (!out.containsKey(to)) {
            String[] address = ((String) ((Map<?, ?>) init.get("peers")).get(to)).split(":");
            Socket conn = new Socket(address[0], Integer.parseInt(address[1]));
            conn.setTcpNoDelay(true);
            out.put(to, new DataOutputStream(new BufferedOutputStream(conn.getOutputStream())));
        }
        byte[] data = String.join("\t", m).getBytes("UTF-8");
        out.get(to).writeInt(data.length); // big-endian, as a frame's length is
        out.get(to).write(data);
        out.get(to).flush();
    }

    static synchronized void request(Map<String, Object> line) throws IOException {
        String type = (String) body(line).get("type"), head = (String) ((List<?>) init.get("node_ids")).get(0);
        switch (type) {
            case "join" -> { pending.put("join", line); send(head, "join", me); }
            case "multicast" -> {
                if (view == null) { answer(line, "error", ",\"code\":11,\"text\":\"in no view\""); return; }
                String msg = (String) body(line).get("msg");
                pending.put(msg, line);
                send(head, "order", msg, me);
            }
            case "init" -> answer(line, "init_ok", "");
            case "shutdown" -> { answer(line, "shutdown_ok", ""); System.exit(0); }
            default -> answer(line, "error", ",\"code\":10,\"text\":\"unknown\"");
        }
    }

    static synchronized void receive(String[] m) throws IOException {
        switch (m[0]) {
            case "join" -> { // n1 alone gets join and order, and tells all members
                members.add(m[1]);
                tell("view", String.valueOf(members.size()), String.join("\",\"", members));
            }
            case "order" -> tell("deliver", m[1], m[2], view);
            case "view" -> { // view and deliver come from n1, at all in the same order
                view = m[1];
                say("harness", "\"type\":\"view\",\"view\":\"" + view + "\",\"members\":[\"" + m[2] + "\"]");
                if (pending.containsKey("join")) answer(pending.remove("join"), "join_ok", "");
            }
            case "deliver" -> {
                say("harness", "\"type\":\"deliver\",\"msg\":\"" + m[1] + "\",\"sender\":\"" + m[2] + "\",\"view\":\"" + m[3] + "\"");
                if (pending.containsKey(m[1])) answer(pending.remove(m[1]), "multicast_ok", "");
            }
        }
    }

    static void tell(String... m) throws IOException {
        for (String member : members) send(member.split("\\.")[0], m);
    }

    static void read(Socket conn) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(conn.getInputStream()));
        while (true) {
            byte[] data = new byte[in.readInt()];
            in.readFully(data);
            receive(new String(data, "UTF-8").split("\t"));
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> body(Map<String, Object> line) { return (Map<String, Object>) line.get("body"); }

    @SuppressWarnings("unchecked")
    static Map<String, Object> line(String text) { return (Map<String, Object>) new Json(text).value(); }

    /** JSON into maps, lists, strings, numbers as they are written, and null. */
    record Json(StringReader in) {
        Json(String text) { this(new StringReader(text)); }

        int peek() {
            try { in.mark(1); int c = in.read(); in.reset(); return c; } catch (IOException e) { throw new UncheckedIOException(e); }
        }

        char next() {
            try { return (char) in.read(); } catch (IOException e) { throw new UncheckedIOException(e); }
        }

        int skip() {
            while (peek() <= ' ' || peek() == ',' || peek() == ':') next();
            return peek();
        }

        Object value() {
            StringBuilder word = new StringBuilder();
            switch (skip()) {
                case '{' -> {
                    Map<String, Object> map = new HashMap<>();
                    for (next(); skip() != '}'; ) { String key = (String) value(); map.put(key, value()); }
                    next();
                    return map;
                }
                case '[' -> {
                    List<Object> list = new ArrayList<>();
                    for (next(); skip() != ']'; ) list.add(value());
                    next();
                    return list;
                }
                case '"' -> {
                    next();
                    for (char c; (c = next()) != '"'; ) word.append(c != '\\' ? c : (c = next()) != 'u' ? c
                        : (char) Integer.parseInt("" + next() + next() + next() + next(), 16));
                    return word.toString();
                }
            }
            while ("+-.eE0123456789truefalsenull".indexOf(peek()) >= 0) word.append(next());
            return word.toString().equals("null") ? null : word.toString();
        }
    }
}
