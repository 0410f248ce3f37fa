#!/usr/bin/env escript
%% The smallest node in Erlang: n1 gives everything its place in one order. It bears no
%% fault. It needs Erlang/OTP alone: escript docs/nodes/node.erl
%% All that happens is a message to the main process: a line, or what a peer sent.

main(_) ->
    Main = self(),
    spawn_link(fun() -> lines(Main) end),
    receive {line, #{<<"src">> := Src, <<"body">> := Init}} -> ok end,
    [Host, Port] = string:split(maps:get(<<"listen">>, Init), ":"),
    {ok, Address} = inet:parse_address(binary_to_list(Host)),
    {ok, Listen} = gen_tcp:listen(binary_to_integer(Port),
        [binary, {packet, 4}, {active, false}, {reuseaddr, true}, {ip, Address}]),
    spawn_link(fun() -> accept(Listen, Main) end),
    Node = maps:get(<<"node_id">>, Init),
    Me = <<Node/binary, ".", (integer_to_binary(maps:get(<<"incarnation">>, Init)))/binary>>,
    loop(request(Src, Init, #{node => Node, me => Me, head => hd(maps:get(<<"node_ids">>, Init)),
        peers => maps:get(<<"peers">>, Init), members => [], pending => #{}, out => #{}, view => none})).

loop(S) ->
    receive
        {line, #{<<"src">> := Src, <<"body">> := Body}} -> loop(request(Src, Body, S));
        {peer, M} -> loop(heard(M, S));
        eof -> ok
    end.

request(Src, #{<<"type">> := Type, <<"msg_id">> := Id} = Body, #{me := Me, head := Head, pending := P} = S) ->
    Asked = {Src, Id},
    case {Type, S} of
        {<<"join">>, _} -> send(Head, {join, Me}, S#{pending := P#{join => Asked}});
        {<<"multicast">>, #{view := none}} -> answer(Asked, "error", ",\"code\":11,\"text\":\"in no view\"", S);
        {<<"multicast">>, _} ->
            Msg = maps:get(<<"msg">>, Body),
            send(Head, {order, Msg, Me}, S#{pending := P#{Msg => Asked}});
        {<<"init">>, _} -> answer(Asked, "init_ok", "", S);
        {<<"shutdown">>, _} -> answer(Asked, "shutdown_ok", "", S), halt(0);
        _ -> answer(Asked, "error", ",\"code\":10,\"text\":\"unknown\"", S)
    end.

%% n1 alone gets join and order, and tells all members. View and deliver come from n1, at
%% all in the same order.
heard({join, Member}, #{members := Members} = S) ->
    All = Members ++ [Member],
    tell({view, integer_to_binary(length(All)), All}, S#{members := All});
heard({order, Msg, Sender}, #{view := View} = S) ->
    tell({deliver, Msg, Sender, View}, S);
heard({view, View, Members}, S) ->
    Names = lists:join(",", [quoted(M) || M <- Members]),
    say(<<"harness">>, ["\"type\":\"view\",\"view\":", quoted(View), ",\"members\":[", Names, "]"], S),
    done(join, "join_ok", S#{view := View});
heard({deliver, Msg, Sender, View}, S) ->
    say(<<"harness">>, ["\"type\":\"deliver\",\"msg\":", quoted(Msg), ",\"sender\":", quoted(Sender), ",\"view\":", quoted(View)], S),
    done(Msg, "multicast_ok", S).

done(Key, Type, #{pending := P} = S) ->
    case maps:take(Key, P) of
        {Asked, Rest} -> answer(Asked, Type, "", S#{pending := Rest});
        error -> S
    end.

tell(M, #{members := Members} = S) ->
    lists:foldl(fun(Member, T) -> send(hd(string:split(Member, ".")), M, T) end, S, Members).

send(Node, M, #{node := Node} = S) -> heard(M, S);
send(To, M, #{out := Out, peers := Peers} = S) when not is_map_key(To, Out) ->
    [Host, Port] = string:split(maps:get(To, Peers), ":"),
    {ok, Conn} = gen_tcp:connect(binary_to_list(Host), binary_to_integer(Port), [binary, {packet, 4}, {nodelay, true}]),
    send(To, M, S#{out := Out#{To => Conn}});
send(To, M, #{out := Out} = S) ->
    gen_tcp:send(maps:get(To, Out), term_to_binary(M)),
    S.

say(Dest, Body, #{node := Node}) ->
    io:put_chars([<<"{\"src\":\"", Node/binary, "\",\"dest\":\"", Dest/binary, "\",\"body\":{">>, Body, "}}\n"]).

answer({Src, Id}, Type, More, S) ->
    say(Src, ["\"type\":\"", Type, "\",\"in_reply_to\":", integer_to_binary(Id), More], S),
    S.

quoted(Text) -> [$", Text, $"]. % names of members, messages and views hold no quote

lines(Main) ->
    case io:get_line("") of
        eof -> Main ! eof;
        Line -> {Value, _} = json(list_to_binary(Line)), Main ! {line, Value}, lines(Main)
    end.

accept(Listen, Main) ->
    {ok, Conn} = gen_tcp:accept(Listen),
    gen_tcp:controlling_process(Conn, spawn(fun() -> read(Conn, Main) end)),
    accept(Listen, Main).

read(Conn, Main) ->
    case gen_tcp:recv(Conn, 0) of
        {ok, Data} -> Main ! {peer, binary_to_term(Data)}, read(Conn, Main);
        _ -> ok
    end.

%% JSON into maps, lists, binaries, numbers and atoms: the value, and what follows it.
json(<<C, R/binary>>) when C =< $\s -> json(R);
json(<<"{", R/binary>>) -> many(R, $}, [], fun(L) -> maps:from_list(L) end);
json(<<"[", R/binary>>) -> many(R, $], [], fun(L) -> L end);
json(<<"\"", R/binary>>) -> text(R, <<>>);
json(R) ->
    [Word] = element(2, re:run(R, "^[-+.a-zA-Z0-9]+", [{capture, first, binary}])),
    Rest = binary:part(R, byte_size(Word), byte_size(R) - byte_size(Word)),
    {try binary_to_integer(Word) catch _:_ -> binary_to_atom(Word) end, Rest}.

many(<<C, R/binary>>, End, Acc, Made) when C =< $\s; C =:= $, -> many(R, End, Acc, Made);
many(<<End, R/binary>>, End, Acc, Made) -> {Made(lists:reverse(Acc)), R};
many(R, End, Acc, Made) ->
    case json(R) of
        {Key, <<":", More/binary>>} -> {V, Rest} = json(More), many(Rest, End, [{Key, V} | Acc], Made);
        {V, Rest} -> many(Rest, End, [V | Acc], Made)
    end.

text(<<"\"", R/binary>>, Acc) -> {Acc, R};
text(<<"\\u", Hex:4/binary, R/binary>>, Acc) -> text(R, <<Acc/binary, (binary_to_integer(Hex, 16))/utf8>>);
text(<<"\\", C, R/binary>>, Acc) -> text(R, <<Acc/binary, C>>);
text(<<C, R/binary>>, Acc) -> text(R, <<Acc/binary, C>>).
