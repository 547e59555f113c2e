--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: allowances; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.allowances (
    person character varying(32) NOT NULL,
    month date NOT NULL,
    currency character varying(3) NOT NULL,
    used bigint NOT NULL
);


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    number bigint NOT NULL,
    expense_id character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    event character varying(32) NOT NULL,
    actor character varying(64) NOT NULL,
    state character varying(20) NOT NULL,
    detail text
);


--
-- Name: audit_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audit_number_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_number_seq OWNED BY public.audit.number;


--
-- Name: delegations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.delegations (
    person character varying(32) NOT NULL,
    delegate character varying(32) NOT NULL,
    until timestamp with time zone NOT NULL
);


--
-- Name: expenses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.expenses (
    id character varying(200) NOT NULL,
    state character varying(20) NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    requester character varying(32),
    amount character varying(40),
    currency character varying(3),
    description text,
    category character varying(20),
    spent_on date,
    submission_key character varying(255),
    window_seconds double precision,
    started_at timestamp with time zone,
    workflow_id character varying(1000),
    run_id character varying(100),
    task_token bytea,
    decide_by timestamp with time zone,
    decision character varying(20),
    decided_by character varying(32),
    decided_at timestamp with time zone,
    reason text,
    delivered_at timestamp with time zone,
    payment_asked_at timestamp with time zone,
    payment_refusal character varying(64),
    due_at timestamp with time zone,
    leased_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    manager character varying(32),
    receipts text,
    plan text,
    progress text,
    decided_for character varying(32),
    previous_id character varying(200),
    redraw_at timestamp with time zone
);


--
-- Name: messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages (
    expense_id character varying(200) NOT NULL,
    audience character varying(64) NOT NULL,
    channel character varying(32) NOT NULL,
    ts character varying(32) NOT NULL,
    shown_version integer NOT NULL,
    told bigint DEFAULT '0'::bigint NOT NULL
);


--
-- Name: seats; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.seats (
    asked character varying(32) NOT NULL,
    expense_id character varying(200) NOT NULL
);


--
-- Name: audit number; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit ALTER COLUMN number SET DEFAULT nextval('public.audit_number_seq'::regclass);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0002');


--
-- Data for Name: allowances; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.allowances VALUES ('U0ADA', '2020-03-01', 'EUR', 500000);
INSERT INTO public.allowances VALUES ('U0STR', '2020-03-01', 'EUR', 596500);
INSERT INTO public.allowances VALUES ('U0STR', '2020-04-01', 'EUR', 123456);


--
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit VALUES (1, '7LEB3SP3E6XE', '2020-03-02 08:01:00.123456+00', 'submit', 'U0STR', 'SUBMITTED', 'the old rule');
INSERT INTO public.audit VALUES (2, '7LEB3SP3E6XE', '2020-03-02 08:01:02.123456+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (3, '7LEB3SP3E6XE', '2020-03-02 08:01:03.123456+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (4, 'MYX7UPBQLV64', '2020-03-02 08:02:04.123456+00', 'submit', 'U0STR', 'SUBMITTED', 'the old rule');
INSERT INTO public.audit VALUES (5, 'MYX7UPBQLV64', '2020-03-02 08:02:06.123456+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (6, 'MYX7UPBQLV64', '2020-03-02 08:02:07.123456+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (7, 'MYX7UPBQLV64', '2020-03-02 08:03:08.123456+00', 'agree', 'U0FOR', 'CREATED', NULL);
INSERT INTO public.audit VALUES (8, 'VQPIDCR3VTWV', '2020-03-02 08:04:09.123456+00', 'submit', 'U0ADA', 'SUBMITTED', 'reminded without hours');
INSERT INTO public.audit VALUES (9, 'VQPIDCR3VTWV', '2020-03-02 08:04:11.123456+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (10, 'VQPIDCR3VTWV', '2020-03-02 08:04:12.123456+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (11, 'VQPIDCR3VTWV', '2020-03-03 08:05:13.123456+00', 'remind', 'policy', 'CREATED', 'U0OLD U0DEL');
INSERT INTO public.audit VALUES (12, 'VQPIDCR3VTWV', '2020-03-04 08:06:14.123456+00', 'remind', 'policy', 'CREATED', 'U0OLD U0DEL');
INSERT INTO public.audit VALUES (13, 'M7MOYVQXNA7B', '2020-03-05 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (14, 'BVNM66OPON6Q', '2020-03-05 08:02:00.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (15, 'WRFO37GQ5AQA', '2020-03-05 08:03:01.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'software');
INSERT INTO public.audit VALUES (16, 'STNH3SURNHHZ', '2020-03-05 08:04:01.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (17, 'STNH3SURNHHZ', '2020-03-05 08:04:03.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (18, '433B33VAWDJV', '2020-03-05 08:05:03.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'software');
INSERT INTO public.audit VALUES (19, '433B33VAWDJV', '2020-03-05 08:05:04.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (20, 'EKO6PU4PVUKA', '2020-03-06 08:01:00.654321+00', 'submit', 'U0REQ', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (21, 'EKO6PU4PVUKA', '2020-03-06 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (22, 'EKO6PU4PVUKA', '2020-03-06 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (23, 'J5VLC3D6WWVZ', '2020-03-06 08:02:04.654321+00', 'submit', 'U0REQ', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (24, 'J5VLC3D6WWVZ', '2020-03-06 08:02:06.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (25, 'J5VLC3D6WWVZ', '2020-03-06 08:02:07.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (26, '35A5OL6SKKYF', '2020-03-06 08:03:08.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (27, '35A5OL6SKKYF', '2020-03-06 08:03:10.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (28, '35A5OL6SKKYF', '2020-03-06 08:03:11.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (29, '35A5OL6SKKYF', '2020-03-06 08:03:13.654321+00', 'register_again', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (30, '35A5OL6SKKYF', '2020-03-06 08:03:14.654321+00', 'register_again', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (31, 'OMPZVQHBEXDS', '2020-03-06 08:04:14.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (32, 'OMPZVQHBEXDS', '2020-03-06 08:04:16.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (33, 'OMPZVQHBEXDS', '2020-03-06 08:04:46.654321+00', 'register_callback', 'delivery', 'CREATED', 'The worker did not register; Temporal says that the activity waits.');
INSERT INTO public.audit VALUES (34, 'HTLL2UGZ2JQT', '2020-03-06 08:05:47.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (35, 'HTLL2UGZ2JQT', '2020-03-06 08:05:49.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (36, 'HTLL2UGZ2JQT', '2020-03-06 08:05:50.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (37, 'HTLL2UGZ2JQT', '2020-03-06 08:06:51.654321+00', 'ask', 'U0MAN', 'CREATED', 'Why? O''Brien''s "lunch" -- ''; DROP TABLE expenses; -- 100% %s %(x)s %% {0} $1 $$ :which ? second line third \ \n \'' \x00 \u0041 E''\\'' <!channel> <@U0MAN> <http://x|y> &amp; & < > *b* _i_ `c` ~s~ 👩‍👩‍👧 🏳️ Z̵̍a̡ שלום gnp. 雨 \restrict');
INSERT INTO public.audit VALUES (38, 'HTLL2UGZ2JQT', '2020-03-06 08:07:51.654321+00', 'answer', 'U0ADA', 'CREATED', 'Because O''Brien''s "lunch" -- ''; DROP TABLE expenses; -- 100% %s %(x)s %% {0} $1 $$ :which ? second line third \ \n \'' \x00 \u0041 E''\\'' <!channel> <@U0MAN> <http://x|y> &amp; & < > *b* _i_ `c` ~s~ 👩‍👩‍👧 🏳️ Z̵̍a̡ שלום gnp. 雨 \restrict');
INSERT INTO public.audit VALUES (39, 'VGTGLLKBV5TK', '2020-03-06 08:08:52.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (40, 'VGTGLLKBV5TK', '2020-03-06 08:08:54.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (41, 'VGTGLLKBV5TK', '2020-03-06 08:08:55.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (42, 'VGTGLLKBV5TK', '2020-03-06 08:09:56.654321+00', 'ask', 'U0MAN', 'CREATED', 'Who was there?');
INSERT INTO public.audit VALUES (43, 'VGTGLLKBV5TK', '2020-03-06 08:10:56.654321+00', 'ask', 'U0DEL', 'CREATED', 'And who has the receipt?');
INSERT INTO public.audit VALUES (44, 'VGTGLLKBV5TK', '2020-03-06 08:11:56.654321+00', 'answer', 'U0STR', 'CREATED', '“Who was there?” Mina and Noor.');
INSERT INTO public.audit VALUES (45, 'QPVOFFLQQOHF', '2020-03-06 08:12:57.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (46, 'QPVOFFLQQOHF', '2020-03-06 08:12:59.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (47, 'QPVOFFLQQOHF', '2020-03-06 08:13:00.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (48, 'QPVOFFLQQOHF', '2020-03-06 08:14:01.654321+00', 'refuse', 'U0ADA', 'CREATED', 'You cannot decide your own expense; another approver has to.');
INSERT INTO public.audit VALUES (49, 'QPVOFFLQQOHF', '2020-03-06 08:15:01.654321+00', 'refuse', 'U0STR', 'CREATED', 'You are not an approver of this expense, so nothing was changed.');
INSERT INTO public.audit VALUES (50, 'QPVOFFLQQOHF', '2020-03-06 08:16:01.654321+00', 'refuse', 'U0LEO', 'CREATED', 'You stand in for the requester just now, so another approver has to decide this.');
INSERT INTO public.audit VALUES (51, 'QPVOFFLQQOHF', '2020-03-06 08:17:01.654321+00', 'refuse', 'U0LEA', 'CREATED', 'You are not an approver of this expense, so nothing was changed.');
INSERT INTO public.audit VALUES (52, 'QPVOFFLQQOHF', '2020-03-06 08:18:01.654321+00', 'refuse', 'U0STR', 'CREATED', 'Only the requester answers questions about this expense.');
INSERT INTO public.audit VALUES (53, 'JONZWVKLPCJ6', '2020-03-06 08:19:01.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (54, 'JONZWVKLPCJ6', '2020-03-06 08:19:03.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (55, 'JONZWVKLPCJ6', '2020-03-06 08:19:04.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (56, 'JONZWVKLPCJ6', '2020-03-06 08:20:05.654321+00', 'decide', 'U0OLD', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (57, 'SYZ2COBPVNBN', '2020-03-06 08:21:06.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (58, 'SYZ2COBPVNBN', '2020-03-06 08:21:08.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (59, 'SYZ2COBPVNBN', '2020-03-06 08:21:09.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (60, 'order-4711', '2020-03-07 08:00:01.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (61, 'order-4711', '2020-03-07 08:00:02.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (62, 'Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', '2020-03-07 08:00:04.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (63, 'Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', '2020-03-07 08:00:05.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (64, 'long-&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&', '2020-03-07 08:00:07.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (65, 'long-&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&', '2020-03-07 08:01:07.654321+00', 'refuse', 'U0STR', 'CREATED', 'You are not an approver of this expense, so nothing was changed.');
INSERT INTO public.audit VALUES (66, 'order-4712', '2020-03-07 08:01:08.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (67, 'order-4712', '2020-03-07 08:01:09.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (68, 'order-4712', '2020-03-07 08:02:10.654321+00', 'decide', 'U0REQ', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (69, 'order-4712', '2020-03-07 08:02:13.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (70, 'order-4712', '2020-03-07 08:02:13.654321+00', 'pay', 'payment system', 'COMPLETED', NULL);
INSERT INTO public.audit VALUES (71, 'ETKDANCXBPQF', '2020-03-09 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'software');
INSERT INTO public.audit VALUES (72, 'ETKDANCXBPQF', '2020-03-09 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (73, 'ETKDANCXBPQF', '2020-03-09 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (74, 'ONSQA3MSIZDY', '2020-03-09 08:02:04.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (75, 'ONSQA3MSIZDY', '2020-03-09 08:02:06.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (76, 'ONSQA3MSIZDY', '2020-03-09 08:02:07.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (77, '77WE55KMHEJI', '2020-03-09 08:03:08.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (78, '77WE55KMHEJI', '2020-03-09 08:03:10.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (79, '77WE55KMHEJI', '2020-03-09 08:03:11.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (80, '77WE55KMHEJI', '2020-03-09 08:04:12.654321+00', 'agree', 'U0LEA', 'CREATED', NULL);
INSERT INTO public.audit VALUES (81, 'NZ5AFPX7HYPG', '2020-03-09 08:05:13.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (82, 'NZ5AFPX7HYPG', '2020-03-09 08:05:15.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (83, 'NZ5AFPX7HYPG', '2020-03-09 08:05:16.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (84, 'NZ5AFPX7HYPG', '2020-03-09 08:06:17.654321+00', 'agree', 'U0LEA', 'CREATED', NULL);
INSERT INTO public.audit VALUES (85, 'NZ5AFPX7HYPG', '2020-03-09 08:07:18.654321+00', 'agree', 'U0SUB', 'CREATED', 'U0FAY');
INSERT INTO public.audit VALUES (86, 'NZ5AFPX7HYPG', '2020-03-09 08:07:18.654321+00', 'refuse', 'U0MAN', 'CREATED', 'You are not an approver of this expense, so nothing was changed.');
INSERT INTO public.audit VALUES (87, 'NUD45XVJZ4HB', '2020-03-09 08:08:19.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (88, 'NUD45XVJZ4HB', '2020-03-09 08:08:21.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (89, 'NUD45XVJZ4HB', '2020-03-09 08:08:22.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (90, 'AAYG5MXCP5TU', '2020-03-09 08:09:23.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (91, 'AAYG5MXCP5TU', '2020-03-09 08:09:25.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (92, 'AAYG5MXCP5TU', '2020-03-09 08:09:26.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (93, 'AAYG5MXCP5TU', '2020-03-09 08:10:27.654321+00', 'agree', 'U0MAN', 'CREATED', NULL);
INSERT INTO public.audit VALUES (94, 'AAYG5MXCP5TU', '2020-03-09 08:11:27.654321+00', 'ask', 'U0MAN', 'CREATED', 'When does it come?');
INSERT INTO public.audit VALUES (95, 'AAYG5MXCP5TU', '2020-03-09 08:12:27.654321+00', 'answer', 'U0STR', 'CREATED', 'Tomorrow.');
INSERT INTO public.audit VALUES (96, '35NUDK335E6G', '2020-03-09 08:13:28.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (97, '35NUDK335E6G', '2020-03-09 08:13:30.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (98, '35NUDK335E6G', '2020-03-09 08:13:31.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (99, '35NUDK335E6G', '2020-03-09 08:14:32.654321+00', 'agree', 'U0DEL', 'CREATED', 'U0MAX');
INSERT INTO public.audit VALUES (100, 'HQXBDCF7EYV4', '2020-03-09 08:15:32.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'hotels');
INSERT INTO public.audit VALUES (101, 'HQXBDCF7EYV4', '2020-03-09 08:15:34.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (102, 'HQXBDCF7EYV4', '2020-03-09 08:15:35.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (103, '4UMMS2QOZ56Z', '2020-03-09 08:16:36.654321+00', 'submit', 'U0LEA', 'SUBMITTED', 'hotels');
INSERT INTO public.audit VALUES (104, '4UMMS2QOZ56Z', '2020-03-09 08:16:38.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (105, '4UMMS2QOZ56Z', '2020-03-09 08:16:39.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (106, 'NPNRQSXSLYP4', '2020-03-09 08:17:40.654321+00', 'submit', 'U0REQ', 'SUBMITTED', 'hotels');
INSERT INTO public.audit VALUES (107, 'NPNRQSXSLYP4', '2020-03-09 08:17:42.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (108, 'NPNRQSXSLYP4', '2020-03-09 08:17:43.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (109, 'NPNRQSXSLYP4', '2020-03-11 09:17:44.654321+00', 'escalate', 'policy', 'CREATED', 'U0GUS S0FINANCE');
INSERT INTO public.audit VALUES (110, 'HTABYLT7IQLT', '2020-03-13 15:01:00.654321+00', 'submit', 'U0INT', 'SUBMITTED', 'interns “ask” 100 % of \ ''managers''');
INSERT INTO public.audit VALUES (111, 'HTABYLT7IQLT', '2020-03-13 15:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (112, 'HTABYLT7IQLT', '2020-03-13 15:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (113, 'HTABYLT7IQLT', '2020-03-16 10:00:00.654321+00', 'remind', 'policy', 'CREATED', 'U0MAN');
INSERT INTO public.audit VALUES (114, 'RO7AGJEXT62I', '2020-03-16 10:01:01.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (115, 'RO7AGJEXT62I', '2020-03-16 10:01:03.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (116, 'RO7AGJEXT62I', '2020-03-16 10:01:04.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (117, 'RO7AGJEXT62I', '2020-03-17 11:01:05.654321+00', 'remind', 'policy', 'CREATED', 'U0LEO');
INSERT INTO public.audit VALUES (118, 'RO7AGJEXT62I', '2020-03-18 12:01:05.654321+00', 'remind', 'policy', 'CREATED', 'U0LEO');
INSERT INTO public.audit VALUES (119, 'RO7AGJEXT62I', '2020-03-19 13:01:05.654321+00', 'escalate', 'policy', 'CREATED', 'U0GUS');
INSERT INTO public.audit VALUES (120, 'X7D7PXN36YXM', '2020-03-20 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (121, 'X7D7PXN36YXM', '2020-03-20 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (122, 'X7D7PXN36YXM', '2020-03-20 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (123, 'X7D7PXN36YXM', '2020-03-20 08:02:04.654321+00', 'decide', 'U0MAN', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (124, 'L7MCMNWNP3VV', '2020-03-20 08:03:04.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (125, 'L7MCMNWNP3VV', '2020-03-20 08:03:06.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (126, 'L7MCMNWNP3VV', '2020-03-20 08:03:07.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (127, 'L7MCMNWNP3VV', '2020-03-20 08:04:08.654321+00', 'decide', 'U0DEL', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (128, 'XP6O3GIBL3L4', '2020-03-20 08:05:09.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (129, 'XP6O3GIBL3L4', '2020-03-20 08:05:11.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (130, 'XP6O3GIBL3L4', '2020-03-20 08:05:12.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (131, 'XP6O3GIBL3L4', '2020-03-20 08:06:13.654321+00', 'decide', 'U0MAN', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (132, 'XP6O3GIBL3L4', '2020-03-20 09:06:15.654321+00', 'register_again', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (133, '5XT6LFDFQDKH', '2020-03-20 09:07:15.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (134, '5XT6LFDFQDKH', '2020-03-20 09:07:17.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (135, '5XT6LFDFQDKH', '2020-03-20 09:07:18.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (136, '5XT6LFDFQDKH', '2020-03-20 09:08:19.654321+00', 'decide', 'U0MAX', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (137, '5XT6LFDFQDKH', '2020-03-20 09:08:22.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (138, '7TN6MHCOCVQR', '2020-03-20 09:09:22.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (139, '7TN6MHCOCVQR', '2020-03-20 09:09:24.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (140, '7TN6MHCOCVQR', '2020-03-20 09:09:25.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (141, '7TN6MHCOCVQR', '2020-03-20 09:10:26.654321+00', 'decide', 'U0REQ', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (142, '7TN6MHCOCVQR', '2020-03-20 09:10:29.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (143, '7TN6MHCOCVQR', '2020-03-20 09:10:29.654321+00', 'pay', 'payment system', 'COMPLETED', NULL);
INSERT INTO public.audit VALUES (144, 'GUPGP2KBV4Y6', '2020-03-20 09:11:30.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (145, 'GUPGP2KBV4Y6', '2020-03-20 09:11:32.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (146, 'GUPGP2KBV4Y6', '2020-03-20 09:11:33.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (147, 'GUPGP2KBV4Y6', '2020-03-20 09:12:34.654321+00', 'decide', 'U0DEL', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (148, 'GUPGP2KBV4Y6', '2020-03-20 09:12:37.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (149, 'GUPGP2KBV4Y6', '2020-03-20 09:12:37.654321+00', 'refuse_payment', 'payment system', 'PAYMENT_FAILED', 'INSUFFICIENT_FUNDS');
INSERT INTO public.audit VALUES (150, '6VJR45UH5Z4M', '2020-03-21 08:01:00.654321+00', 'submit', 'U0REQ', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (151, '6VJR45UH5Z4M', '2020-03-21 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (152, '6VJR45UH5Z4M', '2020-03-21 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (153, '6VJR45UH5Z4M', '2020-03-21 08:02:04.654321+00', 'decide', 'U0MAN', 'REJECTED', 'O''Brien''s "lunch" -- ''; DROP TABLE expenses; -- 100% %s %(x)s %% {0} $1 $$ :which ? second line third \ \n \'' \x00 \u0041 E''\\'' <!channel> <@U0MAN> <http://x|y> &amp; & < > *b* _i_ `c` ~s~ 👩‍👩‍👧 🏳️ Z̵̍a̡ שלום gnp. 雨 \restrict');
INSERT INTO public.audit VALUES (154, 'YVPZWHDBUMGX', '2020-03-21 08:03:05.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (155, 'YVPZWHDBUMGX', '2020-03-21 08:03:07.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (156, 'YVPZWHDBUMGX', '2020-03-21 08:03:08.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (157, 'YVPZWHDBUMGX', '2020-03-21 08:04:09.654321+00', 'decide', 'U0MAX', 'REJECTED', NULL);
INSERT INTO public.audit VALUES (158, 'HROKBEQGOO7U', '2020-03-21 08:05:09.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (159, 'HROKBEQGOO7U', '2020-03-21 08:05:11.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (160, 'HROKBEQGOO7U', '2020-03-21 08:05:12.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (161, 'HROKBEQGOO7U', '2020-03-21 08:06:13.654321+00', 'decide', 'U0DEL', 'REJECTED', NULL);
INSERT INTO public.audit VALUES (162, 'HROKBEQGOO7U', '2020-03-21 08:07:14.654321+00', 'explain', 'U0DEL', 'REJECTED', 'There is a canteen.');
INSERT INTO public.audit VALUES (163, 'T7G2FJKOEJXN', '2020-03-21 08:08:15.654321+00', 'submit', 'U0REQ', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (164, 'T7G2FJKOEJXN', '2020-03-21 08:08:17.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (165, 'T7G2FJKOEJXN', '2020-03-21 08:08:18.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (166, 'C5X4TQG5A5JQ', '2020-03-22 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (167, 'C5X4TQG5A5JQ', '2020-03-22 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (168, 'C5X4TQG5A5JQ', '2020-03-22 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (169, 'C5X4TQG5A5JQ', '2020-03-22 10:01:04.654321+00', 'expire', 'temporal', 'EXPIRED', NULL);
INSERT INTO public.audit VALUES (170, 'OB63GSIPDAIX', '2020-03-22 10:02:05.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (171, 'OB63GSIPDAIX', '2020-03-22 10:02:07.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (172, 'OB63GSIPDAIX', '2020-03-22 10:02:08.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (173, 'OB63GSIPDAIX', '2020-03-22 10:03:09.654321+00', 'decide', 'U0MAN', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (174, 'OB63GSIPDAIX', '2020-03-22 10:04:09.654321+00', 'expire', 'temporal', 'EXPIRED', NULL);
INSERT INTO public.audit VALUES (175, 'RQWAHMNTW5WL', '2020-03-22 10:05:10.654321+00', 'submit', 'U0ADA', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (176, 'RQWAHMNTW5WL', '2020-03-22 10:06:10.654321+00', 'withdraw', 'U0ADA', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (177, 'MPRFVOK3M4RF', '2020-03-22 10:07:10.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (178, 'MPRFVOK3M4RF', '2020-03-22 10:07:11.654321+00', 'withdraw', 'U0STR', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (179, 'MPRFVOK3M4RF', '2020-03-22 10:07:12.654321+00', 'create', 'worker', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (180, 'MPRFVOK3M4RF', '2020-03-22 10:07:13.654321+00', 'register_again', 'worker', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (181, '3TK6RQKNFJTO', '2020-03-22 10:08:13.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (182, '3TK6RQKNFJTO', '2020-03-22 10:08:15.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (183, '3TK6RQKNFJTO', '2020-03-22 10:08:16.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (184, '3TK6RQKNFJTO', '2020-03-22 10:09:17.654321+00', 'withdraw', 'U0STR', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (185, 'GRJEYJ22OH75', '2020-03-22 10:10:18.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (186, 'GRJEYJ22OH75', '2020-03-22 10:10:20.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (187, 'GRJEYJ22OH75', '2020-03-22 10:10:21.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (188, 'GRJEYJ22OH75', '2020-03-22 10:11:22.654321+00', 'cancel', 'temporal', 'CANCELLED', 'its workflow ended: terminated');
INSERT INTO public.audit VALUES (189, '54ELPLTUOQPR', '2020-03-22 10:12:23.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (190, '54ELPLTUOQPR', '2020-03-22 10:12:25.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (191, '54ELPLTUOQPR', '2020-03-22 10:12:26.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (192, '54ELPLTUOQPR', '2020-03-22 10:13:27.654321+00', 'decide', 'U0MAX', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (193, '54ELPLTUOQPR', '2020-03-22 10:14:28.654321+00', 'cancel', 'temporal', 'CANCELLED', 'its workflow ended: timed out');
INSERT INTO public.audit VALUES (194, 'QGR6VTYAE7UF', '2020-03-23 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'small lunches');
INSERT INTO public.audit VALUES (195, 'QGR6VTYAE7UF', '2020-03-23 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (196, 'QGR6VTYAE7UF', '2020-03-23 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (197, 'TRPXHFC7OCM4', '2020-03-23 08:02:03.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'small lunches');
INSERT INTO public.audit VALUES (198, 'TRPXHFC7OCM4', '2020-03-23 08:02:05.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (199, 'TRPXHFC7OCM4', '2020-03-23 08:02:06.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (200, 'TRPXHFC7OCM4', '2020-03-23 08:03:06.654321+00', 'decide', 'policy', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (201, 'KHS5NY7BTBTJ', '2020-03-23 08:04:06.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'small lunches');
INSERT INTO public.audit VALUES (202, 'KHS5NY7BTBTJ', '2020-03-23 08:04:08.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (203, 'KHS5NY7BTBTJ', '2020-03-23 08:04:09.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (204, 'KHS5NY7BTBTJ', '2020-03-23 08:05:09.654321+00', 'decide', 'policy', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (205, 'KHS5NY7BTBTJ', '2020-03-23 08:05:12.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (206, 'KHS5NY7BTBTJ', '2020-03-23 08:05:12.654321+00', 'pay', 'payment system', 'COMPLETED', NULL);
INSERT INTO public.audit VALUES (207, '46J33PGUN5GF', '2020-03-23 08:06:13.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'small lunches');
INSERT INTO public.audit VALUES (208, '46J33PGUN5GF', '2020-03-23 08:06:14.654321+00', 'withdraw', 'U0STR', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (210, 'RAIPRJWZSVUA', '2020-03-23 08:07:15.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'other meals');
INSERT INTO public.audit VALUES (211, 'RAIPRJWZSVUA', '2020-03-23 08:07:17.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (212, 'RAIPRJWZSVUA', '2020-03-23 08:07:18.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (213, 'WT4G26R57XUQ', '2020-04-01 00:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'small lunches');
INSERT INTO public.audit VALUES (214, 'WT4G26R57XUQ', '2020-04-01 00:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (215, 'WT4G26R57XUQ', '2020-04-01 00:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (216, 'WT4G26R57XUQ', '2020-04-01 00:02:03.654321+00', 'decide', 'policy', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (217, 'PH75KF5XTNRA', '2020-04-02 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (218, 'PH75KF5XTNRA', '2020-04-02 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (219, 'PH75KF5XTNRA', '2020-04-02 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (220, 'PH75KF5XTNRA', '2020-04-02 08:02:04.654321+00', 'agree', 'U0MAN', 'CREATED', NULL);
INSERT INTO public.audit VALUES (221, 'PH75KF5XTNRA', '2020-04-02 08:03:05.654321+00', 'decide', 'U0DEL', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (222, 'GQRJMSSP2CSE', '2020-04-02 08:04:06.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (223, 'GQRJMSSP2CSE', '2020-04-02 08:04:08.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (224, 'GQRJMSSP2CSE', '2020-04-02 08:04:09.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (225, 'GQRJMSSP2CSE', '2020-04-02 08:05:10.654321+00', 'agree', 'U0LEA', 'CREATED', NULL);
INSERT INTO public.audit VALUES (226, 'GQRJMSSP2CSE', '2020-04-02 08:06:11.654321+00', 'agree', 'U0FOX', 'CREATED', NULL);
INSERT INTO public.audit VALUES (227, 'GQRJMSSP2CSE', '2020-04-02 08:07:12.654321+00', 'decide', 'U0SUB', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (228, 'GQRJMSSP2CSE', '2020-04-02 08:07:15.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (229, 'GQRJMSSP2CSE', '2020-04-02 08:07:15.654321+00', 'pay', 'payment system', 'COMPLETED', NULL);
INSERT INTO public.audit VALUES (230, '4XXF7YXKPOE3', '2020-04-02 08:08:16.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (231, '4XXF7YXKPOE3', '2020-04-02 08:08:18.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (232, '4XXF7YXKPOE3', '2020-04-02 08:08:19.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (233, '4XXF7YXKPOE3', '2020-04-02 08:09:20.654321+00', 'agree', 'U0LEA', 'CREATED', NULL);
INSERT INTO public.audit VALUES (234, '4XXF7YXKPOE3', '2020-04-02 08:10:21.654321+00', 'agree', 'U0FOX', 'CREATED', NULL);
INSERT INTO public.audit VALUES (235, '4XXF7YXKPOE3', '2020-04-02 08:11:21.654321+00', 'decide', 'U0SUB', 'REJECTED', 'No money left.');
INSERT INTO public.audit VALUES (236, 'ZWKQTBAIC5F3', '2020-04-02 08:12:22.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (237, 'ZWKQTBAIC5F3', '2020-04-02 08:12:24.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (238, 'ZWKQTBAIC5F3', '2020-04-02 08:12:25.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (239, 'ZWKQTBAIC5F3', '2020-04-02 08:13:26.654321+00', 'agree', 'U0MAN', 'CREATED', NULL);
INSERT INTO public.audit VALUES (240, 'ZWKQTBAIC5F3', '2020-04-02 08:13:26.654321+00', 'withdraw', 'U0STR', 'WITHDRAWN', NULL);
INSERT INTO public.audit VALUES (241, '5CBILWAX3NTF', '2020-04-02 08:14:27.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (242, '5CBILWAX3NTF', '2020-04-02 08:14:29.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (243, '5CBILWAX3NTF', '2020-04-02 08:14:30.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (244, '5CBILWAX3NTF', '2020-04-02 08:15:31.654321+00', 'agree', 'U0MAX', 'CREATED', NULL);
INSERT INTO public.audit VALUES (245, '5CBILWAX3NTF', '2020-04-02 10:15:31.654321+00', 'expire', 'temporal', 'EXPIRED', NULL);
INSERT INTO public.audit VALUES (246, 'QKRPHNQSDC27', '2020-04-02 10:16:32.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'tools');
INSERT INTO public.audit VALUES (247, 'QKRPHNQSDC27', '2020-04-02 10:16:34.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (248, 'QKRPHNQSDC27', '2020-04-02 10:16:35.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (249, 'QKRPHNQSDC27', '2020-04-02 10:17:36.654321+00', 'agree', 'U0MAN', 'CREATED', NULL);
INSERT INTO public.audit VALUES (250, 'M4NL6V7UIGCN', '2020-04-02 10:18:37.654321+00', 'submit', 'U0ADA', 'SUBMITTED', 'over 500 EUR in travel');
INSERT INTO public.audit VALUES (251, 'M4NL6V7UIGCN', '2020-04-02 10:18:39.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (252, 'M4NL6V7UIGCN', '2020-04-02 10:18:40.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (253, 'M4NL6V7UIGCN', '2020-04-02 10:19:41.654321+00', 'agree', 'U0LEA', 'CREATED', NULL);
INSERT INTO public.audit VALUES (254, 'M4NL6V7UIGCN', '2020-04-02 10:19:41.654321+00', 'cancel', 'temporal', 'CANCELLED', 'completed in Temporal with ''MAYBE''');
INSERT INTO public.audit VALUES (255, 'VX56MQ5BFUDP', '2020-04-02 10:20:42.654321+00', 'submit', 'U0STR', 'SUBMITTED', 'software');
INSERT INTO public.audit VALUES (256, 'VX56MQ5BFUDP', '2020-04-02 10:20:44.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (257, 'VX56MQ5BFUDP', '2020-04-02 10:20:45.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (258, 'VX56MQ5BFUDP', '2020-04-02 10:21:46.654321+00', 'decide', 'U0MAX', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (259, 'VX56MQ5BFUDP', '2020-04-02 10:21:49.654321+00', 'ask_payment', 'worker', 'APPROVED', NULL);
INSERT INTO public.audit VALUES (260, 'VX56MQ5BFUDP', '2020-04-02 10:21:49.654321+00', 'refuse_payment', 'payment system', 'PAYMENT_FAILED', 'INSUFFICIENT_FUNDS');
INSERT INTO public.audit VALUES (261, 'BKUUMQIRCCS5', '2020-04-10 08:01:00.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (262, 'BKUUMQIRCCS5', '2020-04-10 08:01:02.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (263, 'BKUUMQIRCCS5', '2020-04-10 08:01:03.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (264, 'H5ZYWN5TSRWJ', '2020-04-10 08:03:04.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (265, 'H5ZYWN5TSRWJ', '2020-04-10 08:03:06.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (266, 'H5ZYWN5TSRWJ', '2020-04-10 08:03:07.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (267, '7SLFO7GOL3NY', '2020-04-10 08:07:08.654321+00', 'submit', 'U0STR', 'SUBMITTED', NULL);
INSERT INTO public.audit VALUES (268, '7SLFO7GOL3NY', '2020-04-10 08:07:10.654321+00', 'create', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (269, '7SLFO7GOL3NY', '2020-04-10 08:07:11.654321+00', 'register_callback', 'worker', 'CREATED', NULL);
INSERT INTO public.audit VALUES (270, 'QPVOFFLQQOHF', '2020-04-10 08:09:12.654321+00', 'refuse', 'U0OLD', 'CREATED', 'You are not an approver of this expense, so nothing was changed.');


--
-- Data for Name: delegations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.delegations VALUES ('U0ADA', 'U0LEO', '2099-12-31 23:59:59+00');
INSERT INTO public.delegations VALUES ('U0FAY', 'U0SUB', '2099-12-31 23:59:59+00');
INSERT INTO public.delegations VALUES ('U0GUS', 'U0DEL', '2099-12-31 23:59:59+00');
INSERT INTO public.delegations VALUES ('U0MAN', 'U0OLD', '2020-03-10 23:59:59+00');
INSERT INTO public.delegations VALUES ('U0MAX', 'U0DEL', '2099-12-31 23:59:59+00');


--
-- Data for Name: expenses; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.expenses VALUES ('35A5OL6SKKYF', 'CREATED', 5, '2020-03-06 08:03:08.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “registered-again”', 'other', '2020-01-31', 'view registered-again', 259200, '2020-03-06 08:03:09.654321+00', 'expense_35A5OL6SKKYF', 'run-1', '\x67414141414142655967504372527a597671366570686c5944676e487348664d6659594d756f754c4b684c734f77695170452d592d724234546f3739365332544c5261333837352d4e43456d68736d6174664b4f64435a4e76317a70362d67317557314f5f6f35484770495257722d49416f6a486c356348316e69575165387665374555542d61726a75453273715a6431416836676d654b6949557755496d456b445f565539776d7974513250352d4b42665233764d59595879592d75794e49337a3448745068497a725a386e59336e4a2d5557314f686e334d5732725630352d5a676d5f366c594f6448726957583265326851544b41657773496232536b5063667670463352612d365a33423563624b504870304d743774717932674d6e685543715573796b4d36507a7a747768475870684f63545f63726366766649485f56547a496275666e4f574559384f4376516d4b5744583047506f6f414a693139473550737374694854334149594a523650654b674f776f4e4d75746a6576675069744652383145566665364341366a686b6177704e744c67443050796f635757384e436172622d776a64464c39615a6d6d6737506b6b4d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-06 08:03:16.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('35NUDK335E6G', 'CREATED', 4, '2020-03-09 08:13:28.654321+00', 'U0STR', '252', 'EUR', 'Expense “one-of-two-in-a-seat”', 'equipment', '2020-01-31', 'view one-of-two-in-a-seat', 259200, '2020-03-09 08:13:29.654321+00', 'expense_35NUDK335E6G', 'run-1', '\x67414141414142655a6671727a563767796e75436b795864484f5363615943474971534a6e586452514c6a586d45684a744c6d4c76486631596f7a4b6166443264435a58357551303630556d6a6c4e56303033562d7a3038305447636b6c686931475a41714d425a696d4b472d5f6a6c2d6434512d57773d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-09 08:14:34.654321+00', NULL, 0, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:13:31.654321Z","approvals":[{"person":"U0DEL","seat":"U0MAX","stage":0,"at":"2020-03-09T08:14:32.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('3TK6RQKNFJTO', 'WITHDRAWN', 4, '2020-03-22 10:08:13.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “withdrawn”', 'other', '2020-01-31', 'view withdrawn', 259200, '2020-03-22 10:08:14.654321+00', 'expense_3TK6RQKNFJTO', 'run-1', '\x6741414141414265647a6b51555f4c59464c3567424b6b716e5247574d64794644324a627232394f686449775f4161375f772d7665444830336145754458775265504d6e5f494f61583644514a765079466f325559313662424e4c4947366b797a75562d6238386a334d616d663657516442714d4c57773d', '2099-12-31 23:59:59+00', 'CANCELLED', NULL, '2020-03-22 10:09:17.654321+00', NULL, '2020-03-22 10:09:18.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('433B33VAWDJV', 'CREATED', 2, '2020-03-05 08:05:03.654321+00', 'U0ADA', '13.00', 'EUR', 'Expense “planned-created”', 'software', '2020-01-31', 'view planned-created', 2592000, NULL, 'expense_433B33VAWDJV', 'run-1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-05 08:05:06.654321+00', NULL, 0, NULL, NULL, '{"rule":"software","stages":[{"asked":["U0MAX"],"needed":1,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P30D","allowance":null}', NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('46J33PGUN5GF', 'WITHDRAWN', 2, '2020-03-23 08:06:13.654321+00', 'U0STR', '30', 'EUR', 'Expense “auto-withdrawn”', 'meals', '2020-01-31', 'view auto-withdrawn', 259200, '2020-03-23 08:06:14.654321+00', 'expense_46J33PGUN5GF', NULL, NULL, NULL, 'CANCELLED', NULL, '2020-03-23 08:06:14.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"small lunches","stages":[],"window":null,"allowance":{"amount":"30","ceiling":"100","currency":"EUR"}}', NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('4UMMS2QOZ56Z', 'CREATED', 3, '2020-03-09 08:16:36.654321+00', 'U0LEA', '150', 'EUR', 'Expense “own-share”', 'lodging', '2020-01-31', 'view own-share', 259200, '2020-03-09 08:16:37.654321+00', 'expense_4UMMS2QOZ56Z', 'run-1', '\x67414141414142655a66746e734374655a5152306e7a696e5757346c72783235524a394b6d344c4a4a69765f6c6a35327932786d3164776f46726568462d586232423847525a43637a75436e77613166716846574f5f435f354e37784978645947726a434d4a6e5a6835425a5f32776f473145724b6f343d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"hotels","stages":[{"asked":["U0LEA","U0LEO"],"needed":1,"channel":"C0TRAVEL","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":"P2D","escalate_to":["U0GUS","S0FINANCE"]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:16:39.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('4XXF7YXKPOE3', 'REJECTED', 6, '2020-04-02 08:08:16.654321+00', 'U0ADA', '905.00', 'EUR', 'Expense “planned-rejected”', 'travel', '2020-01-31', 'view planned-rejected', 1209600, '2020-04-02 08:08:17.654321+00', 'expense_4XXF7YXKPOE3', 'run-1', '\x6741414141414265685a317a5f386a44306e6d6b6151344558454378426b69587a7045764959713464526273364d4c7874627167627a5a364b7a4f64696d4e4e7679374d316b75396c46754b43457963794d6a6e6a73495261454c4572796a4e4f745f41646a436259735a6c457a2d394b31462d6439773d', '2099-12-31 23:59:59+00', 'REJECTED', 'U0SUB', '2020-04-02 08:11:21.654321+00', 'No money left.', NULL, NULL, NULL, NULL, NULL, 1, 'U0LEA', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":1,"since":"2020-04-02T08:09:20.654321Z","approvals":[{"person":"U0LEA","seat":"U0LEA","stage":0,"at":"2020-04-02T08:09:20.654321Z"},{"person":"U0FOX","seat":"U0FOX","stage":1,"at":"2020-04-02T08:10:21.654321Z"}],"escalated":false,"reminded":[]}', 'U0FAY', NULL, NULL);
INSERT INTO public.expenses VALUES ('54ELPLTUOQPR', 'CANCELLED', 5, '2020-03-22 10:12:23.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “cancelled-approved”', 'other', '2020-01-31', 'view cancelled-approved', 259200, '2020-03-22 10:12:24.654321+00', 'expense_54ELPLTUOQPR', 'run-1', '\x6741414141414265647a6f4b49464a5935685f43336e7849326d35514364714b6e656a56525050616633777a6e41786839335735735775574256716d64705165684e346f6e4e366c67656941714164305a724d734d454d694369374253664738436168704632494872646d6e496e794e35717570472d773d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAX', '2020-03-22 10:13:27.654321+00', NULL, '2020-03-22 10:13:28.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('5CBILWAX3NTF', 'EXPIRED', 5, '2020-04-02 08:14:27.654321+00', 'U0STR', '256', 'EUR', 'Expense “planned-expired”', 'equipment', '2020-01-31', 'view planned-expired', 259200, '2020-04-02 08:14:28.654321+00', 'expense_5CBILWAX3NTF', 'run-1', '\x6741414141414265685a376d6f4c515247446831726a46544d6c594f313734566e6d766a706a36644276426c724a4734646d6d664b475145446b4d773234516f525838743275496f44773454315754593259423859433867485434734c36796679487341566e4c5644366b66764962426d386b677139343d', '2020-04-02 09:13:27.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-04-02T08:14:30.654321Z","approvals":[{"person":"U0MAX","seat":"U0MAX","stage":0,"at":"2020-04-02T08:15:31.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('5XT6LFDFQDKH', 'APPROVED', 5, '2020-03-20 09:07:15.654321+00', 'U0STR', '1500', 'JPY', 'Expense “payment-asked”', 'other', '2020-01-31', 'view payment-asked', 259200, '2020-03-20 09:07:16.654321+00', 'expense_5XT6LFDFQDKH', 'run-1', '\x6741414141414265644966474647346d4370775671554f655036564b4133364d48356e2d49706e326170707764636167442d75474a4372484841494f764e4e4c50796c4639512d504a5751334b4963454a6648616c414e7452516b4d306c324e7449736d71347051366e30316a6263576f497375366e593d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAX', '2020-03-20 09:08:19.654321+00', NULL, '2020-03-20 09:08:22.654321+00', '2020-03-20 09:08:22.654321+00', NULL, '2020-03-20 09:08:24.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('6VJR45UH5Z4M', 'REJECTED', 4, '2020-03-21 08:01:00.654321+00', 'U0REQ', '61.00', 'EUR', '100% \ ''quoted'' dinner', 'other', '2020-01-31', 'view rejected-reason', 259200, '2020-03-21 08:01:01.654321+00', 'expense_6VJR45UH5Z4M', 'run-1', '\x674141414141426564636d5f65696741735235376c734b305973653150315257686b356b41474849416e6c432d33444e5f556a5a416e7150764542712d345f776468375930516f654677645f6c784c3575785143555861487a505f5036523145554d7a7a6737355778692d6c42514438626d61486c47733d', '2099-12-31 23:59:59+00', 'REJECTED', 'U0MAN', '2020-03-21 08:02:04.654321+00', 'O''Brien''s "lunch" -- ''; DROP TABLE expenses; -- 100% %s %(x)s %% {0} $1 $$ :which ? second line third \ \n \'' \x00 \u0041 E''\\'' <!channel> <@U0MAN> <http://x|y> &amp; & < > *b* _i_ `c` ~s~ 👩‍👩‍👧 🏳️ Z̵̍a̡ שלום gnp. 雨 \restrict', '2020-03-21 08:02:05.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('77WE55KMHEJI', 'CREATED', 4, '2020-03-09 08:03:08.654321+00', 'U0ADA', '901.00', 'EUR', 'Expense “half-way”', 'travel', '2020-01-31', 'view half-way', 1209600, '2020-03-09 08:03:09.654321+00', 'expense_77WE55KMHEJI', 'run-1', '\x67414141414142655a66675f5f6339737646505043707568674542675537476f3563626b504b6f5a573348346d6f5054586d703150414b4c672d322d7856724231376279416a61657946576e6e56355062423559323664336875767a52374a42657574794b6b753861584c7970796f4959704548386e493d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, 'U0LEA', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true},{"id":"F0TRAIN","name":"ticket.pdf","permalink":"https://example.slack.com/files/U0ADA/F0TRAIN/ticket.pdf","is_picture":false}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":1,"since":"2020-03-09T08:04:12.654321Z","approvals":[{"person":"U0LEA","seat":"U0LEA","stage":0,"at":"2020-03-09T08:04:12.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('7LEB3SP3E6XE', 'CREATED', 3, '2020-03-02 08:01:00.123456+00', 'U0STR', '310.00', 'EUR', 'Expense “old-rule”', 'equipment', '2020-01-31', 'view old-rule', 259200, '2020-03-02 08:01:01.123456+00', 'expense_7LEB3SP3E6XE', 'run-1', '\x6741414141414265584c305f58575a30656e59666c73557661324f4f57314b4f3469357954697070497769776f355935476748584d6f7069375f314274796c6b61563078434a5738585668722d2d483356506435644d6d485870436b33417451534246704966467a564f4d475475534a4d3930775433383d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"the old rule","stages":[{"asked":["S0FORMER","U0LEA"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-02T08:01:03.123456Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('7SLFO7GOL3NY', 'CREATED', 3, '2020-04-10 08:07:08.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “outdated”', 'other', '2020-01-31', 'view outdated', 259200, '2020-04-10 08:07:09.654321+00', 'expense_7SLFO7GOL3NY', 'run-1', '\x67414141414142656b436b767736517848376369583053426e37616d3459385233685451377a544756727441666453646a4f676b5863497353685a4f676b5a5564384b393837505f45515049646d41443130686d5f4f796f55505672643778515f4b624d5264464e7576312d5848724f474c4e534264343d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-04-10 08:08:12.654321+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('7TN6MHCOCVQR', 'COMPLETED', 6, '2020-03-20 09:09:22.654321+00', 'U0STR', '0.125', 'KWD', 'Expense “completed”', 'other', '2020-01-31', 'view completed', 259200, '2020-03-20 09:09:23.654321+00', 'expense_7TN6MHCOCVQR', 'run-1', '\x67414141414142656449684678326f2d6f4d2d6a387942384e2d3577754e534c463569487445356f42704346754b55794a704268555944594d4f72696370775464556a415a3771436f4f2d69396b50386847627272444752486237655a3532794472414875736f5a4473704d6870365f7331666a7541673d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0REQ', '2020-03-20 09:10:26.654321+00', NULL, '2020-03-20 09:10:29.654321+00', '2020-03-20 09:10:29.654321+00', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('AAYG5MXCP5TU', 'CREATED', 6, '2020-03-09 08:09:23.654321+00', 'U0STR', '251', 'EUR', 'Expense “one-of-two”', 'equipment', '2020-01-31', 'view one-of-two', 259200, '2020-03-09 08:09:24.654321+00', 'expense_AAYG5MXCP5TU', 'run-1', '\x67414141414142655a666d32737471454167303963794b637a4c534848304c666e497279377668496f7a475138626763574f52724453347a676d33754a62474a376732375257494635687a6c546d4a4d5347326c4479486e49515f7762586b7635793565414c556e53625369455f4b7550706e396f4a383d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:09:26.654321Z","approvals":[{"person":"U0MAN","seat":"U0MAN","stage":0,"at":"2020-03-09T08:10:27.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('BKUUMQIRCCS5', 'CREATED', 3, '2020-04-10 08:01:00.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “leased”', 'other', '2020-01-31', 'view leased', 259200, '2020-04-10 08:01:01.654321+00', 'expense_BKUUMQIRCCS5', 'run-1', '\x67414141414142656b43655f6c776c44746a41624a314935685a5839555174467734495a745468336858623669384547383349596779455a684143554547432d53576a676e376142734c494934735a5f7935693630725551476d765f7a706a5741773d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', '2020-04-10 08:02:34.654321+00', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('BVNM66OPON6Q', 'SUBMITTED', 1, '2020-03-05 08:02:00.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “submitted-started”', 'other', '2020-01-31', 'view submitted-started', 259200, '2020-03-05 08:02:01.654321+00', 'expense_BVNM66OPON6Q', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-05 08:02:31.654321+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('C5X4TQG5A5JQ', 'EXPIRED', 4, '2020-03-22 08:01:00.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “expired”', 'other', '2020-01-31', 'view expired', 259200, '2020-03-22 08:01:01.654321+00', 'expense_C5X4TQG5A5JQ', 'run-1', '\x67414141414142656478735f3033625a503051636c734837486865434a7a516e65454e317a585751384334677564436342364639656d6b646f577342724346304d53654b6639414e633164444e6e794c5f6f72347a6d4832434a765943554f6b4652314d5a786c49486f554c5a4a62417357735271476b3d', '2020-03-22 09:00:00.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('EKO6PU4PVUKA', 'CREATED', 3, '2020-03-06 08:01:00.654321+00', 'U0REQ', '42.50', 'EUR', 'Expense “waiting”', 'other', '2020-01-31', 'view waiting', 259200, '2020-03-06 08:01:01.654321+00', 'expense_EKO6PU4PVUKA', 'run-1', '\x674141414141426559674d5f45754b5372364a6a5265585f524134735367634b4650767958706d4474704d6a31496c45564d4550496470546e5f41396d6e4d6f6252767a31724c716c596b4151794a5a7166597a66615f752d42366f6d716551394266705731734531565444356c6152746a79526b6b303d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('ETKDANCXBPQF', 'CREATED', 3, '2020-03-09 08:01:00.654321+00', 'U0STR', '20', 'USD', 'Expense “one-stage”', 'software', '2020-01-31', 'view one-stage', 2592000, '2020-03-09 08:01:01.654321+00', 'expense_ETKDANCXBPQF', 'run-1', '\x67414141414142655a66655f673736354e55496e4636626251457a6537795963435f4a563258574d586b777575674c614e7857324b2d775a53467268327947666d6c42415a746d7853594b7a78346850473859596e38344152574643394639325079753954706749764e6844476e4f756f4a74365572593d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"software","stages":[{"asked":["U0MAX"],"needed":1,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P30D","allowance":null}', '{"stage":0,"since":"2020-03-09T08:01:03.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('GQRJMSSP2CSE', 'COMPLETED', 8, '2020-04-02 08:04:06.654321+00', 'U0ADA', '2000.00', 'USD', 'Expense “planned-completed”', 'travel', '2020-01-31', 'view planned-completed', 1209600, '2020-04-02 08:04:07.654321+00', 'expense_GQRJMSSP2CSE', 'run-1', '\x6741414141414265685a78356a4f67617737344f444447514a526a5f4f6b334f48537a37476e476b4677776e4f574f584e314e4d6a366f5a6c786b566b6832316b5a394a536c38533049526d475162397345612d574156762d53704366723764646a7a51504846597154436651633376743055466469303d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0SUB', '2020-04-02 08:07:12.654321+00', NULL, '2020-04-02 08:07:15.654321+00', '2020-04-02 08:07:15.654321+00', NULL, NULL, NULL, 1, 'U0LEA', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":1,"since":"2020-04-02T08:05:10.654321Z","approvals":[{"person":"U0LEA","seat":"U0LEA","stage":0,"at":"2020-04-02T08:05:10.654321Z"},{"person":"U0FOX","seat":"U0FOX","stage":1,"at":"2020-04-02T08:06:11.654321Z"},{"person":"U0SUB","seat":"U0FAY","stage":1,"at":"2020-04-02T08:07:12.654321Z"}],"escalated":false,"reminded":[]}', 'U0FAY', NULL, NULL);
INSERT INTO public.expenses VALUES ('GRJEYJ22OH75', 'CANCELLED', 4, '2020-03-22 10:10:18.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “cancelled”', 'other', '2020-01-31', 'view cancelled', 259200, '2020-03-22 10:10:19.654321+00', 'expense_GRJEYJ22OH75', 'run-1', '\x6741414141414265647a6d4e71434f766a79745237315a534d62694e52475a497776327335574e3659734138696c7154772d505a6772656b4e5153415a66456549725a3374696e5a35364470634f62596c53414f4349507545583845584b494e59305357377342414e472d6330785169374d3931706b4d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('GUPGP2KBV4Y6', 'PAYMENT_FAILED', 6, '2020-03-20 09:11:30.654321+00', 'U0STR', '5000.00', 'EUR', 'Expense “payment-failed”', 'other', '2020-01-31', 'view payment-failed', 259200, '2020-03-20 09:11:31.654321+00', 'expense_GUPGP2KBV4Y6', 'run-1', '\x674141414141426564496a4668336373432d774948564a754e47746670416e4255686a3849635f5359425153593334504a48624f65415f6b3556656e47307372447a747631735161446f656a523643647a75636f48526f714d703773416857564b38434f705936356c396145374b4634353548344f61733d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0DEL', '2020-03-20 09:12:34.654321+00', NULL, '2020-03-20 09:12:37.654321+00', '2020-03-20 09:12:37.654321+00', 'INSUFFICIENT_FUNDS', NULL, NULL, 1, NULL, NULL, NULL, NULL, 'U0MAX', NULL, NULL);
INSERT INTO public.expenses VALUES ('Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', 'CREATED', 2, '2020-03-07 08:00:04.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x6741414141414265593153463139754b53435f44423450337a535f456357474c655f786f506e6862392d624165794c546a6263364a664132392d5734624141755835316c5656306365597a685571474478564873356145363171345f4f6e336574723157464f3646545068595f766858347a346e4f474d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('H5ZYWN5TSRWJ', 'CREATED', 3, '2020-04-10 08:03:04.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “redrawn”', 'other', '2020-01-31', 'view redrawn', 259200, '2020-04-10 08:03:05.654321+00', 'expense_H5ZYWN5TSRWJ', 'run-1', '\x67414141414142656b43673742544c4e62625946587879526753616966447645774c6d5353346e536a4d5230476c5264424b336e73474c62545657796c574a5061736f587358344a47373059322d423139494b587766784c557a315459466d7a704763306c447878306c64435158393564744b74706b343d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-04-10 09:06:08.654321+00', NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL, '2020-04-10 08:07:08.654321+00');
INSERT INTO public.expenses VALUES ('HQXBDCF7EYV4', 'CREATED', 3, '2020-03-09 08:15:32.654321+00', 'U0ADA', '140', 'EUR', 'Expense “hotel”', 'lodging', '2020-01-31', 'view hotel', 259200, '2020-03-09 08:15:33.654321+00', 'expense_HQXBDCF7EYV4', 'run-1', '\x67414141414142655a66736e6f6748494433454142385a56785431435473385a534d2d6551316c65646f504e79516b4671514f4e7a4e4c3865424462444e516c61396e436a316c75594a496a33697257595f50546d4d7765527a4d726d7962515f773d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"hotels","stages":[{"asked":["U0LEA","U0LEO"],"needed":1,"channel":"C0TRAVEL","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":"P2D","escalate_to":["U0GUS","S0FINANCE"]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:15:35.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('HROKBEQGOO7U', 'REJECTED', 5, '2020-03-21 08:05:09.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “rejected-explained”', 'other', '2020-01-31', 'view rejected-explained', 259200, '2020-03-21 08:05:10.654321+00', 'expense_HROKBEQGOO7U', 'run-1', '\x6741414141414265646371345a61453163556d3872777746575646473274784c5f6e6473365652464b426a4b5a6c58325670716751336a6f56357867304f576473442d43355944484f4a725744496a52354550345f686b43684d4a6c446e6f3837313048536c7a424664414a55773133616a77384259453d', '2099-12-31 23:59:59+00', 'REJECTED', 'U0DEL', '2020-03-21 08:06:13.654321+00', 'There is a canteen.', '2020-03-21 08:06:14.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, 'U0MAX', NULL, NULL);
INSERT INTO public.expenses VALUES ('HTABYLT7IQLT', 'CREATED', 4, '2020-03-13 15:01:00.654321+00', 'U0INT', '7', 'EUR', 'Expense “working-hours”', 'other', '2020-01-31', 'view working-hours', 259200, '2020-03-13 15:01:01.654321+00', 'expense_HTABYLT7IQLT', 'run-1', '\x6741414141414265613641765f477a59494c71486652775145725558564734415748774a33314337457266777951792d516e5962435552564e6d515a7268395866436f6a397531652d385f6173313476465830716e444b5078707231473152684f555943694a315136776a736355354b3746626e4e77493d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, 'U0MAN', NULL, '{"rule":"interns “ask” 100 % of \\ ''managers''","stages":[{"asked":["U0MAN"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":null,"remind_at_most":3,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-13T15:01:03.654321Z","approvals":[],"escalated":false,"reminded":[{"person":"U0MAN","count":1,"at":"2020-03-16T10:00:00.654321Z"}]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('HTLL2UGZ2JQT', 'CREATED', 5, '2020-03-06 08:05:47.654321+00', 'U0ADA', '1234567.89', 'USD', 'O''Brien''s "lunch" -- ''; DROP TABLE expenses; -- 100% %s %(x)s %% {0} $1 $$ :which ? second line third \ \n \'' \x00 \u0041 E''\\'' <!channel> <@U0MAN> <http://x|y> &amp; & < > *b* _i_ `c` ~s~ 👩‍👩‍👧 🏳️ Z̵̍a̡ שלום gnp. 雨 \restrict', 'other', '2020-01-31', 'view hostile', 259200, '2020-03-06 08:05:48.654321+00', 'expense_HTLL2UGZ2JQT', 'run-1', '\x6741414141414265596752657862665f57527630503231796d62706e61357247674d71473344564d7846685359374138326b666c3847526a7852525a36307351494a617262344a7866526c786c575852475278356e7969776c5f373738654238704f59387832745f4c4b694572586a486e6f665634774d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('J5VLC3D6WWVZ', 'CREATED', 3, '2020-03-06 08:02:04.654321+00', 'U0REQ', '42.50', 'EUR', 'Expense “waiting-late”', 'other', '2020-01-31', 'view waiting-late', 259200, '2020-03-06 08:02:05.654321+00', 'expense_J5VLC3D6WWVZ', 'run-1', '\x674141414141426559674e5f4d6c486e754270552d426f724662556742324731692d786c49627a6a5854724e6d784936696c4c665f52774e4d625a5853477475455f3639485349546a43567144534b794241716e364670476a4f53594f63586e5171774359506c4441366e323158572d6c3562745f78633d', '2020-03-07 08:01:04.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-07 08:01:05.654321+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('JONZWVKLPCJ6', 'APPROVED', 4, '2020-03-06 08:19:01.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “approved-by-former”', 'other', '2020-01-31', 'view approved-by-former', 259200, '2020-03-06 08:19:02.654321+00', 'expense_JONZWVKLPCJ6', 'run-1', '\x674141414141426559676434534f3732434e306b4b386155374447764e68586477774b43504677554d4e466672344b36497a38386d3373724d72364674687347695a334933794562344d6a755a69415267482d595855786b69615878696753675f51314d335847415258477930435041554772514834453d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0OLD', '2020-03-06 08:20:05.654321+00', NULL, '2020-03-06 08:20:06.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, 'U0MAN', NULL, NULL);
INSERT INTO public.expenses VALUES ('KHS5NY7BTBTJ', 'COMPLETED', 6, '2020-03-23 08:04:06.654321+00', 'U0ADA', '50', 'EUR', 'Expense “auto-completed”', 'meals', '2020-01-31', 'view auto-completed', 259200, '2020-03-23 08:04:07.654321+00', 'expense_KHS5NY7BTBTJ', 'run-1', '\x674141414141426565473135416d3175584c30664e6146797069494b6b396657783551516e655178784f33594a35754132756c72736937496171554652786a514971345342346f5854382d4c6a6472687738507376644659784a794f55724f53314b5f5330763031794b795836735853476439354b6c553d', '2099-12-31 23:59:59+00', 'APPROVED', NULL, '2020-03-23 08:05:09.654321+00', NULL, '2020-03-23 08:05:12.654321+00', '2020-03-23 08:05:12.654321+00', NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"small lunches","stages":[],"window":null,"allowance":{"amount":"50","ceiling":"100","currency":"EUR"}}', '{"stage":0,"since":"2020-03-23T08:04:09.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('L7MCMNWNP3VV', 'APPROVED', 4, '2020-03-20 08:03:04.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “approved-delivered”', 'other', '2020-01-31', 'view approved-delivered', 259200, '2020-03-20 08:03:05.654321+00', 'expense_L7MCMNWNP3VV', 'run-1', '\x674141414141426564486937634a38655871644e576d5643344b70526b78514b466e594e43787a43653664735f46364267726569545a625f4955646e356b5f2d485668346736774574524e63724b6c33454a42624d76666359554231634f704c694974676b4b664954306b6d4677694b32674e666b6d773d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0DEL', '2020-03-20 08:04:08.654321+00', NULL, '2020-03-20 08:04:09.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, 'U0MAX', NULL, NULL);
INSERT INTO public.expenses VALUES ('M4NL6V7UIGCN', 'CANCELLED', 5, '2020-04-02 10:18:37.654321+00', 'U0ADA', '906.00', 'EUR', 'Expense “planned-cancelled”', 'travel', '2020-01-31', 'view planned-cancelled', 1209600, '2020-04-02 10:18:38.654321+00', 'expense_M4NL6V7UIGCN', 'run-1', '\x674141414141426568627741735f366676584c71616d6731797a643751684872673238484a34544c444672467574464832576574334d476d3566664a4a5a4b61596f456a336b44304c4c5a4d6147475a564741706d756d73395277496b34444b66637034656f4a585567636b7377715956576f6e7274383d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 'U0LEA', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":1,"since":"2020-04-02T10:19:41.654321Z","approvals":[{"person":"U0LEA","seat":"U0LEA","stage":0,"at":"2020-04-02T10:19:41.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('M7MOYVQXNA7B', 'SUBMITTED', 1, '2020-03-05 08:01:00.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “submitted”', 'other', '2020-01-31', 'view submitted', 259200, NULL, 'expense_M7MOYVQXNA7B', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-05 08:01:02.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('MPRFVOK3M4RF', 'WITHDRAWN', 4, '2020-03-22 10:07:10.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “withdrawn-taken”', 'other', '2020-01-31', 'view withdrawn-taken', 259200, '2020-03-22 10:07:11.654321+00', 'expense_MPRFVOK3M4RF', 'run-1', '\x6741414141414265647a6a5243513563724971555968674854534849507068437155457762745f72716e746e727a6374566545552d69334264642d47535341703154717834726756545a757863484b6743514a793537556e4130676f6f434c546833367041413958536279724532454e4d7a5a6c7a456f3d', NULL, 'CANCELLED', NULL, '2020-03-22 10:07:11.654321+00', NULL, NULL, NULL, NULL, '2020-03-22 10:07:15.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('MYX7UPBQLV64', 'CREATED', 4, '2020-03-02 08:02:04.123456+00', 'U0STR', '99.95', 'EUR', 'Expense “old-half-way”', 'equipment', '2020-01-31', 'view old-half-way', 259200, '2020-03-02 08:02:05.123456+00', 'expense_MYX7UPBQLV64', 'run-1', '\x6741414141414265584c315f4a4e304d463630706c7649554e6c38676b6a53784c5a365878324c323150634b327348336f575a502d596f5835794d7678416d32396f6677516a3145745732337675543476536e3767497857774f5f763476596f5a796563736148796d4c4d744a2d7457574469687841453d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"the old rule","stages":[{"asked":["S0FORMER","U0LEA"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-02T08:02:07.123456Z","approvals":[{"person":"U0FOR","seat":"U0FOR","stage":0,"at":"2020-03-02T08:03:08.123456Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('NPNRQSXSLYP4', 'CREATED', 4, '2020-03-09 08:17:40.654321+00', 'U0REQ', '120', 'EUR', 'Expense “escalated”', 'lodging', '2020-01-31', 'view escalated', 259200, '2020-03-09 08:17:41.654321+00', 'expense_NPNRQSXSLYP4', 'run-1', '\x67414141414142655a66756e565979486c4a345a6b4c74755a453747435648305575375a535a52656d65457137516a4170515143515333454a48335a6842376f564c595348575a493755662d7950543276734239333046645333594943444d3349623546703955307433596661524757687451725639673d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"hotels","stages":[{"asked":["U0LEA","U0LEO"],"needed":1,"channel":"C0TRAVEL","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":"P2D","escalate_to":["U0GUS","S0FINANCE"]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:17:43.654321Z","approvals":[],"escalated":true,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('NUD45XVJZ4HB', 'CREATED', 3, '2020-03-09 08:08:19.654321+00', 'U0STR', '250', 'EUR', 'Expense “none-of-two”', 'equipment', '2020-01-31', 'view none-of-two', 259200, '2020-03-09 08:08:20.654321+00', 'expense_NUD45XVJZ4HB', 'run-1', '\x67414141414142655a666c32374e3965474c5048467241556536503549485a4333774c50564d3954422d34466d4632634d46394f37763432795359526a434a4a4c71644f6a44704b524d4a754366754f4659484a626a7567314869413978686b62715943764f6e656862586838324a70677377566832673d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-09T08:08:22.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('NZ5AFPX7HYPG', 'CREATED', 5, '2020-03-09 08:05:13.654321+00', 'U0STR', '902.00', 'EUR', 'Expense “half-way-and-one”', 'travel', '2020-01-31', 'view half-way-and-one', 1209600, '2020-03-09 08:05:14.654321+00', 'expense_NZ5AFPX7HYPG', 'run-1', '\x67414141414142655a66693831616f305737484a5433547a6c3356747a32503562652d6f55383341377671676e4d4767587562695f7a655a755261686b304631362d32464e78714e78675a6866504f612d74472d48307359756c31516a7650586658667462475a7066515f4555637330376e585a4a4f733d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, 'U0LEA', '[{"id":"F0TRAIN","name":"ticket.pdf","permalink":"https://example.slack.com/files/U0ADA/F0TRAIN/ticket.pdf","is_picture":false}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":1,"since":"2020-03-09T08:06:17.654321Z","approvals":[{"person":"U0LEA","seat":"U0LEA","stage":0,"at":"2020-03-09T08:06:17.654321Z"},{"person":"U0SUB","seat":"U0FAY","stage":1,"at":"2020-03-09T08:07:18.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('OB63GSIPDAIX', 'EXPIRED', 5, '2020-03-22 10:02:05.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “expired-decided”', 'other', '2020-01-31', 'view expired-decided', 259200, '2020-03-22 10:02:06.654321+00', 'expense_OB63GSIPDAIX', 'run-1', '\x6741414141414265647a65674a4a395a7a4734546565645461566c455f4751526b4c5a347865344132655654325362547031374e5a7a6c3867623342323874736c4b426e644c425842597a5a4e644863763649697032464e6c67613446564433436f51576a796439596f4a36656b7264433269786e48593d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAN', '2020-03-22 10:03:09.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('OMPZVQHBEXDS', 'CREATED', 3, '2020-03-06 08:04:14.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “unregistered”', 'other', '2020-01-31', 'view unregistered', 259200, '2020-03-06 08:04:15.654321+00', 'expense_OMPZVQHBEXDS', 'run-1', NULL, '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('ONSQA3MSIZDY', 'CREATED', 3, '2020-03-09 08:02:04.654321+00', 'U0ADA', '900.00', 'EUR', 'Expense “trip”', 'travel', '2020-01-31', 'view trip', 1209600, '2020-03-09 08:02:05.654321+00', 'expense_ONSQA3MSIZDY', 'run-1', '\x67414141414142655a66665f69464b554b6f7a7444644c4c6464314f48634d49657072475a61746f6f3577742d3331533577534552745a37714c517776634678447755646b4655496d433152744e477464456643457634626b4e446b76424e2d35673d3d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, 'U0LEA', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true},{"id":"F0TRAIN","name":"ticket.pdf","permalink":"https://example.slack.com/files/U0ADA/F0TRAIN/ticket.pdf","is_picture":false}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEA"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":0,"since":"2020-03-09T08:02:07.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('PH75KF5XTNRA', 'APPROVED', 5, '2020-04-02 08:01:00.654321+00', 'U0STR', '254', 'EUR', 'Expense “planned-approved”', 'equipment', '2020-01-31', 'view planned-approved', 259200, '2020-04-02 08:01:01.654321+00', 'expense_PH75KF5XTNRA', 'run-1', '\x6741414141414265685a755f414f33734379397655614a70495661733769325566736b42774f586239725f41497a336c6b7558717579485a4b795558642d325331324b7768496f3734496272644c55714165536878792d36524b5a427657376a4333626847326d4436396733727a6e622d4e54526d4b513d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0DEL', '2020-04-02 08:03:05.654321+00', NULL, '2020-04-02 08:03:06.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-04-02T08:01:03.654321Z","approvals":[{"person":"U0MAN","seat":"U0MAN","stage":0,"at":"2020-04-02T08:02:04.654321Z"},{"person":"U0DEL","seat":"U0MAX","stage":0,"at":"2020-04-02T08:03:05.654321Z"}],"escalated":false,"reminded":[]}', 'U0MAX', NULL, NULL);
INSERT INTO public.expenses VALUES ('QGR6VTYAE7UF', 'CREATED', 3, '2020-03-23 08:01:00.654321+00', 'U0STR', '41.25', 'EUR', 'Expense “auto-created”', 'meals', '2020-01-31', 'view auto-created', 259200, '2020-03-23 08:01:01.654321+00', 'expense_QGR6VTYAE7UF', 'run-1', '\x67414141414142656547795f6973664938706f6e6e462d375341364b526a2d4548566b49425762557849714831763858417a535f4a46436535676f4f6d474f74653747715a536b6e597552665563684c524561516b6e53506c703572515f68473451747577776f7033353252565150754c464a644a37773d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-23 08:01:05.654321+00', NULL, 0, NULL, NULL, '{"rule":"small lunches","stages":[],"window":null,"allowance":{"amount":"41.25","ceiling":"100","currency":"EUR"}}', '{"stage":0,"since":"2020-03-23T08:01:03.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('QKRPHNQSDC27', 'CREATED', 4, '2020-04-02 10:16:32.654321+00', 'U0STR', '257', 'EUR', 'Expense “planned-late”', 'equipment', '2020-01-31', 'view planned-late', 259200, '2020-04-02 10:16:33.654321+00', 'expense_QKRPHNQSDC27', 'run-1', '\x674141414141426568627544654652692d42414578765446327a747578514f5371367842714556796c61764d6235554c6155454432434942476f563251576b3732485061664b51676d30516f37586178666d683458792d48784762744b7464364b614f4c2d54766d35354c6c33504348387479596e56413d', '2020-04-03 10:15:32.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-04-03 10:15:33.654321+00', NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-04-02T10:16:35.654321Z","approvals":[{"person":"U0MAN","seat":"U0MAN","stage":0,"at":"2020-04-02T10:17:36.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('QPVOFFLQQOHF', 'CREATED', 3, '2020-03-06 08:12:57.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “refused”', 'other', '2020-01-31', 'view refused', 259200, '2020-03-06 08:12:58.654321+00', 'expense_QPVOFFLQQOHF', 'run-1', '\x67414141414142655967594d4663574a4446626a32336b79346e3339554f31357a6f7636524f6d68666e4632795956583975767254342d39314b6f4a674b675351444670316c534a4e676f534f67464d49314d646e553346452d5571324b76727346665275453758506d6131655568797a6155334e43733d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('RAIPRJWZSVUA', 'CREATED', 3, '2020-03-23 08:07:15.654321+00', 'U0STR', '40.36', 'EUR', 'Expense “auto-over”', 'meals', '2020-01-31', 'view auto-over', 259200, '2020-03-23 08:07:16.654321+00', 'expense_RAIPRJWZSVUA', 'run-1', '\x674141414141426565473432705277566c564c39764747553263784a743173367541386d334741446779477a52307248734e45676732704453657164634c53596550536174776b6f5f635344696e45394b435a5331434658687a582d44663132546f59445931324163415978497874646c5a38724b43453d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"other meals","stages":[{"asked":["S0LEADS"],"needed":1,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-23T08:07:18.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('RO7AGJEXT62I', 'CREATED', 6, '2020-03-16 10:01:01.654321+00', 'U0STR', '903.00', 'EUR', 'Expense “escalated-and-reminded”', 'travel', '2020-01-31', 'view escalated-and-reminded', 1209600, '2020-03-16 10:01:02.654321+00', 'expense_RO7AGJEXT62I', 'run-1', '\x674141414141426562303567334c63706c70796b5a706349434652635a586b74373170325368586144463648444756565f41413348636a705456335a7a4865724c656d4230566e45545362423149633636504a76507533454e70706d3772413743696f5a58744c687a737949426e2d6746576a666a52493d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, 'U0LEO', '[{"id":"F0LUNCH","name":"Größe & <lunch> ''x''.png","permalink":"https://example.slack.com/files/U0ADA/F0LUNCH/gr%C3%B6%C3%9Fe.png?a=1&b=2","is_picture":true},{"id":"F0TRAIN","name":"ticket.pdf","permalink":"https://example.slack.com/files/U0ADA/F0TRAIN/ticket.pdf","is_picture":false}]', '{"rule":"over 500 EUR in travel","stages":[{"asked":["U0LEO"],"needed":1,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":2,"working_hours":{"start":"09:00:00","end":"17:00:00","days":[0,1,2,3,4]},"escalate_after":"P3D","escalate_to":["U0GUS"]},{"asked":["S0FINANCE","U0FIN"],"needed":2,"channel":"C0FINANCE","remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P14D","allowance":null}', '{"stage":0,"since":"2020-03-16T10:01:04.654321Z","approvals":[],"escalated":true,"reminded":[{"person":"U0LEO","count":2,"at":"2020-03-18T12:01:05.654321Z"}]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('RQWAHMNTW5WL', 'WITHDRAWN', 2, '2020-03-22 10:05:10.654321+00', 'U0ADA', '42.50', 'EUR', 'Expense “withdrawn-early”', 'other', '2020-01-31', 'view withdrawn-early', 259200, NULL, 'expense_RQWAHMNTW5WL', NULL, NULL, NULL, 'CANCELLED', NULL, '2020-03-22 10:06:10.654321+00', NULL, NULL, NULL, NULL, '2020-03-22 10:06:12.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('STNH3SURNHHZ', 'CREATED', 2, '2020-03-05 08:04:01.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “created”', 'other', '2020-01-31', 'view created', 259200, '2020-03-05 08:04:02.654321+00', 'expense_STNH3SURNHHZ', 'run-1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-05 08:04:05.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('SYZ2COBPVNBN', 'CREATED', 3, '2020-03-06 08:21:06.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “older-secret”', 'other', '2020-01-31', 'view older-secret', 259200, '2020-03-06 08:21:07.654321+00', 'expense_SYZ2COBPVNBN', 'run-1', '\x6741414141414265596766316c53417847637266574f454f5361704357394a5073646c7137344f5a6446374d4e53347a6a534431344e4e41644a4577576347624c53496441755a696c506d41504e344c554c366f792d507076344f3835705657655f53394d73593762386561497657647666455f4d71593d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('T7G2FJKOEJXN', 'CREATED', 3, '2020-03-21 08:08:15.654321+00', 'U0REQ', '51.00', 'EUR', 'Dinner, cheaper', 'other', '2020-01-31', 'view resubmitted', 259200, '2020-03-21 08:08:16.654321+00', 'expense_T7G2FJKOEJXN', 'run-1', '\x674141414141426564637479484f4f794b6b38643153474230364f5047625a46344f375344306c5a5a64664576387a31526e7a34666539705331645235644c504a314469532d6b464f5f396e4b676479504b326e465a53335539395564707561346c466e6c4858594a69685737435034527256435576343d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, '6VJR45UH5Z4M', NULL);
INSERT INTO public.expenses VALUES ('TRPXHFC7OCM4', 'APPROVED', 4, '2020-03-23 08:02:03.654321+00', 'U0STR', '20', 'USD', 'Expense “auto-approved”', 'meals', '2020-01-31', 'view auto-approved', 259200, '2020-03-23 08:02:04.654321+00', 'expense_TRPXHFC7OCM4', 'run-1', '\x674141414141426565477a2d5145516659436f48656e49336c716e57504e7a797856663258507a6b764342786852754e305143426e4542476133705f4432746c6f39446954736f7354727a6749745261716c56513335764a577045744e7a646967513744395035504b6f7a6a6662386a6668764d5635733d', '2099-12-31 23:59:59+00', 'APPROVED', NULL, '2020-03-23 08:03:06.654321+00', NULL, NULL, NULL, NULL, '2020-03-23 08:03:08.654321+00', NULL, 0, NULL, NULL, '{"rule":"small lunches","stages":[],"window":null,"allowance":{"amount":"18.40","ceiling":"100","currency":"EUR"}}', '{"stage":0,"since":"2020-03-23T08:02:06.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('VGTGLLKBV5TK', 'CREATED', 6, '2020-03-06 08:08:52.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “questions”', 'other', '2020-01-31', 'view questions', 259200, '2020-03-06 08:08:53.654321+00', 'expense_VGTGLLKBV5TK', 'run-1', '\x6741414141414265596755585a573337332d5f5461575554686e584e51397168313971375a665055587a3869545f393268424953325469506434387061786f596330355a313534784737754e78756c525944396c34534a41536c434e6c64476e4869545172313551584f39775641384a654951344f4b493d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('VQPIDCR3VTWV', 'CREATED', 5, '2020-03-02 08:04:09.123456+00', 'U0ADA', '180.00', 'EUR', 'Expense “reminded-twice”', 'travel', '2020-01-31', 'view reminded-twice', 259200, '2020-03-02 08:04:10.123456+00', 'expense_VQPIDCR3VTWV', 'run-1', '\x6741414141414265584c333870796e634f6b4c654f314b384d494f506b5964716135454832625f774654504a4e3545794b304f566b6464397671587837707252796a75537763535f3267677435346e394679336e54335745684d384e5a694154473837516f5f655534532d2d326f63486d396944736c593d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, '{"rule":"reminded without hours","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":"P1D","remind_every":"P1D","remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-03-02T08:04:12.123456Z","approvals":[],"escalated":false,"reminded":[{"person":"U0MAN","count":2,"at":"2020-03-04T08:06:14.123456Z"},{"person":"U0MAX","count":2,"at":"2020-03-04T08:06:14.123456Z"}]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('VX56MQ5BFUDP', 'PAYMENT_FAILED', 6, '2020-04-02 10:20:42.654321+00', 'U0STR', '15', 'EUR', 'Expense “planned-payment-failed”', 'software', '2020-01-31', 'view planned-payment-failed', 2592000, '2020-04-02 10:20:43.654321+00', 'expense_VX56MQ5BFUDP', 'run-1', '\x6741414141414265686278396231514a624a4162586c6659784168494471464973765069322d375259476c73464466597a4c457168303675433932634b354f63665a485944387953474d665f6161696c70677a475751576c536c41733867414b4847794e5731395f5a674476364d5f51535a5930444a413d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAX', '2020-04-02 10:21:46.654321+00', NULL, '2020-04-02 10:21:49.654321+00', '2020-04-02 10:21:49.654321+00', 'INSUFFICIENT_FUNDS', NULL, NULL, 1, NULL, NULL, '{"rule":"software","stages":[{"asked":["U0MAX"],"needed":1,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P30D","allowance":null}', '{"stage":0,"since":"2020-04-02T10:20:45.654321Z","approvals":[{"person":"U0MAX","seat":"U0MAX","stage":0,"at":"2020-04-02T10:21:46.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('WRFO37GQ5AQA', 'SUBMITTED', 1, '2020-03-05 08:03:01.654321+00', 'U0ADA', '12.00', 'EUR', 'Expense “planned-submitted”', 'software', '2020-01-31', 'view planned-submitted', 2592000, NULL, 'expense_WRFO37GQ5AQA', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-05 08:03:03.654321+00', NULL, 0, NULL, NULL, '{"rule":"software","stages":[{"asked":["U0MAX"],"needed":1,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":"P30D","allowance":null}', NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('WT4G26R57XUQ', 'APPROVED', 4, '2020-04-01 00:01:00.654321+00', 'U0STR', '12.3456', 'EUR', 'Expense “auto-april”', 'meals', '2020-01-31', 'view auto-april', 259200, '2020-04-01 00:01:01.654321+00', 'expense_WT4G26R57XUQ', 'run-1', '\x674141414141426567396d5f5f744e6f6762594b30363369594c724e4a582d38454c2d415238777550644c325938744a74776a49545335476243365845304f6d663546775057566f37615f4c573374476658484c57626c4774643537417371463966465f636876665a4e35637930626a77454c4e77764d3d', '2099-12-31 23:59:59+00', 'APPROVED', NULL, '2020-04-01 00:02:03.654321+00', NULL, '2020-04-01 00:02:04.654321+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"small lunches","stages":[],"window":null,"allowance":{"amount":"12.3456","ceiling":"100","currency":"EUR"}}', '{"stage":0,"since":"2020-04-01T00:01:03.654321Z","approvals":[],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('X7D7PXN36YXM', 'APPROVED', 4, '2020-03-20 08:01:00.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “approved”', 'other', '2020-01-31', 'view approved', 259200, '2020-03-20 08:01:01.654321+00', 'expense_X7D7PXN36YXM', 'run-1', '\x67414141414142656448675f6f653670633656435766717257526b7a62505541554978363063346651626937746b49724b5455615a614a4c786656676d34366d4b2d51384d5f386b7a484a6769336975426142554d5a4c656d7462393732627a786c4c4d676a69483671364747774f43554c475f4431383d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAN', '2020-03-20 08:02:04.654321+00', NULL, NULL, NULL, NULL, '2020-03-20 08:02:06.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('XP6O3GIBL3L4', 'APPROVED', 5, '2020-03-20 08:05:09.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “approved-again”', 'other', '2020-01-31', 'view approved-again', 259200, '2020-03-20 08:05:10.654321+00', 'expense_XP6O3GIBL3L4', 'run-1', '\x674141414141426564496548587862767643332d59314c7a6e75486f39722d6c515130444735497a326c436476617a5131505747537147585471516967416c51686166436e6e38364565514d56656465665f51472d7a48796a75485f6a5431706f4b6545534e635f304f434759714263653276636f41553d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0MAN', '2020-03-20 08:06:13.654321+00', NULL, NULL, NULL, NULL, '2020-03-20 09:06:17.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('YVPZWHDBUMGX', 'REJECTED', 4, '2020-03-21 08:03:05.654321+00', 'U0STR', '42.50', 'EUR', 'Expense “rejected”', 'other', '2020-01-31', 'view rejected', 259200, '2020-03-21 08:03:06.654321+00', 'expense_YVPZWHDBUMGX', 'run-1', '\x674141414141426564636f384565477a717355594f5a537a4c453063504248522d67415832556853743668557851596a44735358586f6849614a56336f303337526149695f57634b426d5862527537436c567950736d54345a312d546b457a56754f5146427a795a6a74566b2d556533427453757851553d', '2099-12-31 23:59:59+00', 'REJECTED', 'U0MAX', '2020-03-21 08:04:09.654321+00', NULL, NULL, NULL, NULL, '2020-03-21 08:04:11.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('ZWKQTBAIC5F3', 'WITHDRAWN', 5, '2020-04-02 08:12:22.654321+00', 'U0STR', '255', 'EUR', 'Expense “planned-withdrawn”', 'equipment', '2020-01-31', 'view planned-withdrawn', 259200, '2020-04-02 08:12:23.654321+00', 'expense_ZWKQTBAIC5F3', 'run-1', '\x6741414141414265685a3570416c546f5535784a6958793362642d5473374c4e55366358594c4a6f57726d445563454c716657634a6f4361564b505f6c5a7a6a662d44665f36744a52394d62504136556567785579626845706b5a56394c5a56447358665564357453786e65375a46364d496f525f4c383d', '2099-12-31 23:59:59+00', 'CANCELLED', NULL, '2020-04-02 08:13:26.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, '{"rule":"tools","stages":[{"asked":["U0MAN","U0MAX"],"needed":2,"channel":null,"remind_after":null,"remind_every":null,"remind_at_most":3,"working_hours":null,"escalate_after":null,"escalate_to":[]}],"window":null,"allowance":null}', '{"stage":0,"since":"2020-04-02T08:12:25.654321Z","approvals":[{"person":"U0MAN","seat":"U0MAN","stage":0,"at":"2020-04-02T08:13:26.654321Z"}],"escalated":false,"reminded":[]}', NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('long-&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&', 'CREATED', 1, '2020-03-07 08:00:07.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 'rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-03-07 08:00:09.654321+00', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('order-4711', 'CREATED', 2, '2020-03-07 08:00:01.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'orders-4711', 'run-of-orders', '\x674141414141426559315343453835515a7a506647795a6c54645a354b5a5366554841533444725272366d633766327566793762523644434d3739362d75756e61394a3368556c4775666d6235643133517167355f7041623550596e5358325250377a6c553234643178615a6f694975744635347679593d', '2099-12-31 23:59:59+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.expenses VALUES ('order-4712', 'COMPLETED', 5, '2020-03-07 08:01:08.654321+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'orders-4712', 'run-of-orders', '\x674141414141426559315446396963325f32684134505163622d6b70636566523850693774336330727247705f65666f5633335a6c595278306d4959497745596152726d386354326d443665797373656e4c685267785355655647445334564e777257506136766c6161364f5a654a38636232686c79633d', '2099-12-31 23:59:59+00', 'APPROVED', 'U0REQ', '2020-03-07 08:02:10.654321+00', NULL, '2020-03-07 08:02:13.654321+00', '2020-03-07 08:02:13.654321+00', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: messages; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.messages VALUES ('35A5OL6SKKYF', 'approvers', 'C0APPROVALS', '1583107200.000035', 3, 28);
INSERT INTO public.messages VALUES ('35A5OL6SKKYF', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000036', 3, 28);
INSERT INTO public.messages VALUES ('35A5OL6SKKYF', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000037', 3, 28);
INSERT INTO public.messages VALUES ('35A5OL6SKKYF', 'requester', 'D0ADA', '1583107200.000034', 3, 28);
INSERT INTO public.messages VALUES ('35NUDK335E6G', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000143', 3, 98);
INSERT INTO public.messages VALUES ('35NUDK335E6G', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000144', 3, 98);
INSERT INTO public.messages VALUES ('35NUDK335E6G', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000145', 3, 98);
INSERT INTO public.messages VALUES ('35NUDK335E6G', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000146', 3, 98);
INSERT INTO public.messages VALUES ('35NUDK335E6G', 'requester', 'D0STR', '1583107200.000142', 3, 98);
INSERT INTO public.messages VALUES ('3TK6RQKNFJTO', 'approvers', 'C0APPROVALS', '1583107200.000249', 4, 184);
INSERT INTO public.messages VALUES ('3TK6RQKNFJTO', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000250', 4, 184);
INSERT INTO public.messages VALUES ('3TK6RQKNFJTO', 'requester', 'D0STR', '1583107200.000248', 4, 184);
INSERT INTO public.messages VALUES ('46J33PGUN5GF', 'requester', 'D0STR', '1583107200.000270', 2, 208);
INSERT INTO public.messages VALUES ('4UMMS2QOZ56Z', 'approvers', 'C0TRAVEL', '1583107200.000152', 3, 105);
INSERT INTO public.messages VALUES ('4UMMS2QOZ56Z', 'requester', 'D0LEA', '1583107200.000151', 3, 105);
INSERT INTO public.messages VALUES ('4XXF7YXKPOE3', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000296', 6, 235);
INSERT INTO public.messages VALUES ('4XXF7YXKPOE3', 'approvers 1', 'C0FINANCE', '1583107200.000298', 6, 235);
INSERT INTO public.messages VALUES ('4XXF7YXKPOE3', 'approvers 1 U0SUB', 'D0SUB', '1583107200.000299', 6, 235);
INSERT INTO public.messages VALUES ('4XXF7YXKPOE3', 'requester', 'D0ADA', '1583107200.000295', 6, 235);
INSERT INTO public.messages VALUES ('54ELPLTUOQPR', 'approver', 'D0MAX', '1583107200.000264', 5, 0);
INSERT INTO public.messages VALUES ('54ELPLTUOQPR', 'approvers', 'C0APPROVALS', '1583107200.000259', 5, 193);
INSERT INTO public.messages VALUES ('54ELPLTUOQPR', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000260', 5, 193);
INSERT INTO public.messages VALUES ('54ELPLTUOQPR', 'requester', 'D0STR', '1583107200.000258', 5, 193);
INSERT INTO public.messages VALUES ('5CBILWAX3NTF', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000311', 5, 245);
INSERT INTO public.messages VALUES ('5CBILWAX3NTF', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000312', 5, 245);
INSERT INTO public.messages VALUES ('5CBILWAX3NTF', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000313', 5, 245);
INSERT INTO public.messages VALUES ('5CBILWAX3NTF', 'requester', 'D0STR', '1583107200.000310', 5, 245);
INSERT INTO public.messages VALUES ('5XT6LFDFQDKH', 'approvers', 'C0APPROVALS', '1583107200.000199', 4, 136);
INSERT INTO public.messages VALUES ('5XT6LFDFQDKH', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000200', 4, 136);
INSERT INTO public.messages VALUES ('5XT6LFDFQDKH', 'requester', 'D0STR', '1583107200.000198', 4, 136);
INSERT INTO public.messages VALUES ('6VJR45UH5Z4M', 'approvers', 'C0APPROVALS', '1583107200.000217', 4, 153);
INSERT INTO public.messages VALUES ('6VJR45UH5Z4M', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000218', 4, 153);
INSERT INTO public.messages VALUES ('6VJR45UH5Z4M', 'requester', 'D0REQ', '1583107200.000216', 4, 153);
INSERT INTO public.messages VALUES ('77WE55KMHEJI', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000107', 4, 80);
INSERT INTO public.messages VALUES ('77WE55KMHEJI', 'approvers 1', 'C0FINANCE', '1583107200.000109', 4, 80);
INSERT INTO public.messages VALUES ('77WE55KMHEJI', 'approvers 1 U0SUB', 'D0SUB', '1583107200.000110', 4, 80);
INSERT INTO public.messages VALUES ('77WE55KMHEJI', 'requester', 'D0ADA', '1583107200.000106', 4, 80);
INSERT INTO public.messages VALUES ('7LEB3SP3E6XE', 'approvers 0 U0FOR', 'D0FOR', '1583107200.000002', 3, 3);
INSERT INTO public.messages VALUES ('7LEB3SP3E6XE', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000003', 3, 3);
INSERT INTO public.messages VALUES ('7LEB3SP3E6XE', 'approvers 0 U0LEO', 'D0LEO', '1583107200.000004', 3, 3);
INSERT INTO public.messages VALUES ('7LEB3SP3E6XE', 'requester', 'D0STR', '1583107200.000001', 3, 3);
INSERT INTO public.messages VALUES ('7SLFO7GOL3NY', 'approvers', 'C0APPROVALS', '1583107200.000344', 0, 269);
INSERT INTO public.messages VALUES ('7SLFO7GOL3NY', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000345', 3, 269);
INSERT INTO public.messages VALUES ('7SLFO7GOL3NY', 'requester', 'D0STR', '1583107200.000343', 3, 269);
INSERT INTO public.messages VALUES ('7TN6MHCOCVQR', 'approvers', 'C0APPROVALS', '1583107200.000204', 6, 143);
INSERT INTO public.messages VALUES ('7TN6MHCOCVQR', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000205', 6, 143);
INSERT INTO public.messages VALUES ('7TN6MHCOCVQR', 'requester', 'D0STR', '1583107200.000203', 6, 143);
INSERT INTO public.messages VALUES ('AAYG5MXCP5TU', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000126', 6, 95);
INSERT INTO public.messages VALUES ('AAYG5MXCP5TU', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000127', 6, 95);
INSERT INTO public.messages VALUES ('AAYG5MXCP5TU', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000128', 6, 95);
INSERT INTO public.messages VALUES ('AAYG5MXCP5TU', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000129', 6, 95);
INSERT INTO public.messages VALUES ('AAYG5MXCP5TU', 'requester', 'D0STR', '1583107200.000125', 6, 95);
INSERT INTO public.messages VALUES ('BKUUMQIRCCS5', 'approvers', 'C0APPROVALS', '1583107200.000336', 3, 263);
INSERT INTO public.messages VALUES ('BKUUMQIRCCS5', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000337', 3, 263);
INSERT INTO public.messages VALUES ('BKUUMQIRCCS5', 'requester', 'D0STR', '1583107200.000335', 3, 263);
INSERT INTO public.messages VALUES ('BVNM66OPON6Q', 'requester', 'D0ADA', '1583107200.000022', 1, 14);
INSERT INTO public.messages VALUES ('C5X4TQG5A5JQ', 'approvers', 'C0APPROVALS', '1583107200.000236', 4, 169);
INSERT INTO public.messages VALUES ('C5X4TQG5A5JQ', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000237', 4, 169);
INSERT INTO public.messages VALUES ('C5X4TQG5A5JQ', 'requester', 'D0STR', '1583107200.000235', 4, 169);
INSERT INTO public.messages VALUES ('EKO6PU4PVUKA', 'approvers', 'C0APPROVALS', '1583107200.000025', 3, 22);
INSERT INTO public.messages VALUES ('EKO6PU4PVUKA', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000026', 3, 22);
INSERT INTO public.messages VALUES ('EKO6PU4PVUKA', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000027', 3, 22);
INSERT INTO public.messages VALUES ('EKO6PU4PVUKA', 'requester', 'D0REQ', '1583107200.000024', 3, 22);
INSERT INTO public.messages VALUES ('ETKDANCXBPQF', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000100', 3, 73);
INSERT INTO public.messages VALUES ('ETKDANCXBPQF', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000101', 3, 73);
INSERT INTO public.messages VALUES ('ETKDANCXBPQF', 'requester', 'D0STR', '1583107200.000099', 3, 73);
INSERT INTO public.messages VALUES ('GQRJMSSP2CSE', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000287', 8, 229);
INSERT INTO public.messages VALUES ('GQRJMSSP2CSE', 'approvers 1', 'C0FINANCE', '1583107200.000289', 8, 229);
INSERT INTO public.messages VALUES ('GQRJMSSP2CSE', 'approvers 1 U0SUB', 'D0SUB', '1583107200.000290', 8, 229);
INSERT INTO public.messages VALUES ('GQRJMSSP2CSE', 'requester', 'D0ADA', '1583107200.000286', 8, 229);
INSERT INTO public.messages VALUES ('GRJEYJ22OH75', 'approvers', 'C0APPROVALS', '1583107200.000254', 4, 188);
INSERT INTO public.messages VALUES ('GRJEYJ22OH75', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000255', 4, 188);
INSERT INTO public.messages VALUES ('GRJEYJ22OH75', 'requester', 'D0STR', '1583107200.000253', 4, 188);
INSERT INTO public.messages VALUES ('GUPGP2KBV4Y6', 'approver', 'D0DEL', '1583107200.000215', 6, 0);
INSERT INTO public.messages VALUES ('GUPGP2KBV4Y6', 'approvers', 'C0APPROVALS', '1583107200.000210', 6, 149);
INSERT INTO public.messages VALUES ('GUPGP2KBV4Y6', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000211', 6, 149);
INSERT INTO public.messages VALUES ('GUPGP2KBV4Y6', 'requester', 'D0STR', '1583107200.000209', 6, 149);
INSERT INTO public.messages VALUES ('Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', 'approvers', 'C0APPROVALS', '1583107200.000093', 2, 63);
INSERT INTO public.messages VALUES ('Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000094', 2, 63);
INSERT INTO public.messages VALUES ('Größe 42 ☕ 100% %s ''x'' "y" \z & <b> :q', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000095', 2, 63);
INSERT INTO public.messages VALUES ('H5ZYWN5TSRWJ', 'approvers', 'C0APPROVALS', '1583107200.000340', 3, 266);
INSERT INTO public.messages VALUES ('H5ZYWN5TSRWJ', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000341', 3, 266);
INSERT INTO public.messages VALUES ('H5ZYWN5TSRWJ', 'requester', 'D0STR', '1583107200.000339', 3, 266);
INSERT INTO public.messages VALUES ('HQXBDCF7EYV4', 'approvers', 'C0TRAVEL', '1583107200.000149', 3, 102);
INSERT INTO public.messages VALUES ('HQXBDCF7EYV4', 'requester', 'D0ADA', '1583107200.000148', 3, 102);
INSERT INTO public.messages VALUES ('HROKBEQGOO7U', 'approvers', 'C0APPROVALS', '1583107200.000226', 5, 162);
INSERT INTO public.messages VALUES ('HROKBEQGOO7U', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000227', 5, 162);
INSERT INTO public.messages VALUES ('HROKBEQGOO7U', 'requester', 'D0ADA', '1583107200.000225', 5, 162);
INSERT INTO public.messages VALUES ('HTABYLT7IQLT', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000170', 4, 113);
INSERT INTO public.messages VALUES ('HTABYLT7IQLT', 'requester', 'D0INT', '1583107200.000169', 4, 113);
INSERT INTO public.messages VALUES ('HTLL2UGZ2JQT', 'approvers', 'C0APPROVALS', '1583107200.000045', 5, 38);
INSERT INTO public.messages VALUES ('HTLL2UGZ2JQT', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000046', 5, 38);
INSERT INTO public.messages VALUES ('HTLL2UGZ2JQT', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000047', 5, 38);
INSERT INTO public.messages VALUES ('HTLL2UGZ2JQT', 'requester', 'D0ADA', '1583107200.000044', 5, 38);
INSERT INTO public.messages VALUES ('J5VLC3D6WWVZ', 'approvers', 'C0APPROVALS', '1583107200.000030', 3, 25);
INSERT INTO public.messages VALUES ('J5VLC3D6WWVZ', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000031', 3, 25);
INSERT INTO public.messages VALUES ('J5VLC3D6WWVZ', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000032', 3, 25);
INSERT INTO public.messages VALUES ('J5VLC3D6WWVZ', 'requester', 'D0REQ', '1583107200.000029', 3, 25);
INSERT INTO public.messages VALUES ('JONZWVKLPCJ6', 'approvers', 'C0APPROVALS', '1583107200.000080', 4, 56);
INSERT INTO public.messages VALUES ('JONZWVKLPCJ6', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000081', 4, 56);
INSERT INTO public.messages VALUES ('JONZWVKLPCJ6', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000082', 4, 56);
INSERT INTO public.messages VALUES ('JONZWVKLPCJ6', 'requester', 'D0STR', '1583107200.000079', 4, 56);
INSERT INTO public.messages VALUES ('KHS5NY7BTBTJ', 'requester', 'D0ADA', '1583107200.000267', 6, 206);
INSERT INTO public.messages VALUES ('L7MCMNWNP3VV', 'approvers', 'C0APPROVALS', '1583107200.000189', 4, 127);
INSERT INTO public.messages VALUES ('L7MCMNWNP3VV', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000190', 4, 127);
INSERT INTO public.messages VALUES ('L7MCMNWNP3VV', 'requester', 'D0ADA', '1583107200.000188', 4, 127);
INSERT INTO public.messages VALUES ('M4NL6V7UIGCN', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000324', 5, 254);
INSERT INTO public.messages VALUES ('M4NL6V7UIGCN', 'requester', 'D0ADA', '1583107200.000323', 5, 254);
INSERT INTO public.messages VALUES ('MPRFVOK3M4RF', 'requester', 'D0STR', '1583107200.000247', 1, 177);
INSERT INTO public.messages VALUES ('MYX7UPBQLV64', 'approvers 0 U0FOR', 'D0FOR', '1583107200.000007', 4, 7);
INSERT INTO public.messages VALUES ('MYX7UPBQLV64', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000008', 4, 7);
INSERT INTO public.messages VALUES ('MYX7UPBQLV64', 'approvers 0 U0LEO', 'D0LEO', '1583107200.000009', 4, 7);
INSERT INTO public.messages VALUES ('MYX7UPBQLV64', 'requester', 'D0STR', '1583107200.000006', 4, 7);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers', 'C0TRAVEL', '1583107200.000155', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000158', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers 0 U0FAY', 'D0FAY', '1583107200.000160', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers 0 U0FOX', 'D0FOX', '1583107200.000162', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers 0 U0GUS', 'D0GUS', '1583107200.000164', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'approvers 0 U0SUB', 'D0SUB', '1583107200.000166', 4, 109);
INSERT INTO public.messages VALUES ('NPNRQSXSLYP4', 'requester', 'D0REQ', '1583107200.000154', 4, 109);
INSERT INTO public.messages VALUES ('NUD45XVJZ4HB', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000120', 3, 89);
INSERT INTO public.messages VALUES ('NUD45XVJZ4HB', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000121', 3, 89);
INSERT INTO public.messages VALUES ('NUD45XVJZ4HB', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000122', 3, 89);
INSERT INTO public.messages VALUES ('NUD45XVJZ4HB', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000123', 3, 89);
INSERT INTO public.messages VALUES ('NUD45XVJZ4HB', 'requester', 'D0STR', '1583107200.000119', 3, 89);
INSERT INTO public.messages VALUES ('NZ5AFPX7HYPG', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000113', 5, 86);
INSERT INTO public.messages VALUES ('NZ5AFPX7HYPG', 'approvers 1', 'C0FINANCE', '1583107200.000115', 5, 86);
INSERT INTO public.messages VALUES ('NZ5AFPX7HYPG', 'approvers 1 U0SUB', 'D0SUB', '1583107200.000116', 5, 86);
INSERT INTO public.messages VALUES ('NZ5AFPX7HYPG', 'requester', 'D0STR', '1583107200.000112', 5, 86);
INSERT INTO public.messages VALUES ('OB63GSIPDAIX', 'approver', 'D0MAN', '1583107200.000246', 5, 0);
INSERT INTO public.messages VALUES ('OB63GSIPDAIX', 'approvers', 'C0APPROVALS', '1583107200.000241', 5, 174);
INSERT INTO public.messages VALUES ('OB63GSIPDAIX', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000242', 5, 174);
INSERT INTO public.messages VALUES ('OB63GSIPDAIX', 'requester', 'D0STR', '1583107200.000240', 5, 174);
INSERT INTO public.messages VALUES ('OMPZVQHBEXDS', 'approvers', 'C0APPROVALS', '1583107200.000040', 3, 33);
INSERT INTO public.messages VALUES ('OMPZVQHBEXDS', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000041', 3, 33);
INSERT INTO public.messages VALUES ('OMPZVQHBEXDS', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000042', 3, 33);
INSERT INTO public.messages VALUES ('OMPZVQHBEXDS', 'requester', 'D0STR', '1583107200.000039', 3, 33);
INSERT INTO public.messages VALUES ('ONSQA3MSIZDY', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000104', 3, 76);
INSERT INTO public.messages VALUES ('ONSQA3MSIZDY', 'requester', 'D0ADA', '1583107200.000103', 3, 76);
INSERT INTO public.messages VALUES ('PH75KF5XTNRA', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000280', 5, 221);
INSERT INTO public.messages VALUES ('PH75KF5XTNRA', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000281', 5, 221);
INSERT INTO public.messages VALUES ('PH75KF5XTNRA', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000282', 5, 221);
INSERT INTO public.messages VALUES ('PH75KF5XTNRA', 'requester', 'D0STR', '1583107200.000279', 5, 221);
INSERT INTO public.messages VALUES ('QGR6VTYAE7UF', 'requester', 'D0STR', '1583107200.000265', 1, 194);
INSERT INTO public.messages VALUES ('QKRPHNQSDC27', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000318', 4, 249);
INSERT INTO public.messages VALUES ('QKRPHNQSDC27', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000319', 4, 249);
INSERT INTO public.messages VALUES ('QKRPHNQSDC27', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000320', 4, 249);
INSERT INTO public.messages VALUES ('QKRPHNQSDC27', 'requester', 'D0STR', '1583107200.000317', 4, 249);
INSERT INTO public.messages VALUES ('QPVOFFLQQOHF', 'approvers', 'C0APPROVALS', '1583107200.000075', 3, 47);
INSERT INTO public.messages VALUES ('QPVOFFLQQOHF', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000076', 3, 47);
INSERT INTO public.messages VALUES ('QPVOFFLQQOHF', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000077', 3, 47);
INSERT INTO public.messages VALUES ('QPVOFFLQQOHF', 'requester', 'D0ADA', '1583107200.000074', 3, 47);
INSERT INTO public.messages VALUES ('RAIPRJWZSVUA', 'approvers 0 U0LEA', 'D0LEA', '1583107200.000273', 3, 212);
INSERT INTO public.messages VALUES ('RAIPRJWZSVUA', 'approvers 0 U0LEO', 'D0LEO', '1583107200.000274', 3, 212);
INSERT INTO public.messages VALUES ('RAIPRJWZSVUA', 'approvers 0 U0REQ', 'D0REQ', '1583107200.000275', 3, 212);
INSERT INTO public.messages VALUES ('RAIPRJWZSVUA', 'requester', 'D0STR', '1583107200.000272', 3, 212);
INSERT INTO public.messages VALUES ('RO7AGJEXT62I', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000179', 6, 119);
INSERT INTO public.messages VALUES ('RO7AGJEXT62I', 'approvers 0 U0GUS', 'D0GUS', '1583107200.000181', 6, 119);
INSERT INTO public.messages VALUES ('RO7AGJEXT62I', 'approvers 0 U0LEO', 'D0LEO', '1583107200.000174', 6, 119);
INSERT INTO public.messages VALUES ('RO7AGJEXT62I', 'requester', 'D0STR', '1583107200.000173', 6, 119);
INSERT INTO public.messages VALUES ('STNH3SURNHHZ', 'requester', 'D0STR', '1583107200.000023', 1, 16);
INSERT INTO public.messages VALUES ('SYZ2COBPVNBN', 'approvers', 'C0APPROVALS', '1583107200.000086', 3, 59);
INSERT INTO public.messages VALUES ('SYZ2COBPVNBN', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000087', 3, 59);
INSERT INTO public.messages VALUES ('SYZ2COBPVNBN', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000088', 3, 59);
INSERT INTO public.messages VALUES ('SYZ2COBPVNBN', 'requester', 'D0STR', '1583107200.000085', 3, 59);
INSERT INTO public.messages VALUES ('T7G2FJKOEJXN', 'approvers', 'C0APPROVALS', '1583107200.000232', 3, 165);
INSERT INTO public.messages VALUES ('T7G2FJKOEJXN', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000233', 3, 165);
INSERT INTO public.messages VALUES ('T7G2FJKOEJXN', 'requester', 'D0REQ', '1583107200.000231', 3, 165);
INSERT INTO public.messages VALUES ('TRPXHFC7OCM4', 'requester', 'D0STR', '1583107200.000266', 1, 197);
INSERT INTO public.messages VALUES ('VGTGLLKBV5TK', 'approvers', 'C0APPROVALS', '1583107200.000058', 6, 44);
INSERT INTO public.messages VALUES ('VGTGLLKBV5TK', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000059', 6, 44);
INSERT INTO public.messages VALUES ('VGTGLLKBV5TK', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000060', 6, 44);
INSERT INTO public.messages VALUES ('VGTGLLKBV5TK', 'requester', 'D0STR', '1583107200.000057', 6, 44);
INSERT INTO public.messages VALUES ('VQPIDCR3VTWV', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000013', 5, 12);
INSERT INTO public.messages VALUES ('VQPIDCR3VTWV', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000014', 5, 12);
INSERT INTO public.messages VALUES ('VQPIDCR3VTWV', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000015', 5, 12);
INSERT INTO public.messages VALUES ('VQPIDCR3VTWV', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000016', 5, 12);
INSERT INTO public.messages VALUES ('VQPIDCR3VTWV', 'requester', 'D0ADA', '1583107200.000012', 5, 12);
INSERT INTO public.messages VALUES ('VX56MQ5BFUDP', 'approver', 'D0MAX', '1583107200.000334', 6, 0);
INSERT INTO public.messages VALUES ('VX56MQ5BFUDP', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000329', 6, 260);
INSERT INTO public.messages VALUES ('VX56MQ5BFUDP', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000330', 6, 260);
INSERT INTO public.messages VALUES ('VX56MQ5BFUDP', 'requester', 'D0STR', '1583107200.000328', 6, 260);
INSERT INTO public.messages VALUES ('WT4G26R57XUQ', 'requester', 'D0STR', '1583107200.000277', 4, 216);
INSERT INTO public.messages VALUES ('X7D7PXN36YXM', 'approvers', 'C0APPROVALS', '1583107200.000185', 3, 122);
INSERT INTO public.messages VALUES ('X7D7PXN36YXM', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000186', 3, 122);
INSERT INTO public.messages VALUES ('X7D7PXN36YXM', 'requester', 'D0STR', '1583107200.000184', 3, 122);
INSERT INTO public.messages VALUES ('XP6O3GIBL3L4', 'approvers', 'C0APPROVALS', '1583107200.000194', 4, 131);
INSERT INTO public.messages VALUES ('XP6O3GIBL3L4', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000195', 4, 131);
INSERT INTO public.messages VALUES ('XP6O3GIBL3L4', 'requester', 'D0STR', '1583107200.000193', 4, 131);
INSERT INTO public.messages VALUES ('YVPZWHDBUMGX', 'approvers', 'C0APPROVALS', '1583107200.000222', 3, 156);
INSERT INTO public.messages VALUES ('YVPZWHDBUMGX', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000223', 3, 156);
INSERT INTO public.messages VALUES ('YVPZWHDBUMGX', 'requester', 'D0STR', '1583107200.000221', 3, 156);
INSERT INTO public.messages VALUES ('ZWKQTBAIC5F3', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000304', 5, 240);
INSERT INTO public.messages VALUES ('ZWKQTBAIC5F3', 'approvers 0 U0MAN', 'D0MAN', '1583107200.000305', 5, 240);
INSERT INTO public.messages VALUES ('ZWKQTBAIC5F3', 'approvers 0 U0MAX', 'D0MAX', '1583107200.000306', 5, 240);
INSERT INTO public.messages VALUES ('ZWKQTBAIC5F3', 'requester', 'D0STR', '1583107200.000303', 5, 240);
INSERT INTO public.messages VALUES ('order-4711', 'approvers', 'C0APPROVALS', '1583107200.000090', 2, 61);
INSERT INTO public.messages VALUES ('order-4711', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000091', 2, 61);
INSERT INTO public.messages VALUES ('order-4711', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000092', 2, 61);
INSERT INTO public.messages VALUES ('order-4712', 'approvers', 'C0APPROVALS', '1583107200.000096', 5, 70);
INSERT INTO public.messages VALUES ('order-4712', 'approvers 0 U0DEL', 'D0DEL', '1583107200.000097', 5, 70);
INSERT INTO public.messages VALUES ('order-4712', 'approvers 0 U0OLD', 'D0OLD', '1583107200.000098', 5, 70);


--
-- Data for Name: seats; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.seats VALUES ('S0FINANCE', '77WE55KMHEJI');
INSERT INTO public.seats VALUES ('S0FINANCE', 'NPNRQSXSLYP4');
INSERT INTO public.seats VALUES ('S0FINANCE', 'NZ5AFPX7HYPG');
INSERT INTO public.seats VALUES ('S0FORMER', '7LEB3SP3E6XE');
INSERT INTO public.seats VALUES ('S0FORMER', 'MYX7UPBQLV64');
INSERT INTO public.seats VALUES ('S0LEADS', 'RAIPRJWZSVUA');
INSERT INTO public.seats VALUES ('U0FIN', '77WE55KMHEJI');
INSERT INTO public.seats VALUES ('U0FIN', 'NZ5AFPX7HYPG');
INSERT INTO public.seats VALUES ('U0GUS', 'NPNRQSXSLYP4');
INSERT INTO public.seats VALUES ('U0GUS', 'RO7AGJEXT62I');
INSERT INTO public.seats VALUES ('U0LEA', '4UMMS2QOZ56Z');
INSERT INTO public.seats VALUES ('U0LEA', '7LEB3SP3E6XE');
INSERT INTO public.seats VALUES ('U0LEA', 'HQXBDCF7EYV4');
INSERT INTO public.seats VALUES ('U0LEA', 'MYX7UPBQLV64');
INSERT INTO public.seats VALUES ('U0LEA', 'NPNRQSXSLYP4');
INSERT INTO public.seats VALUES ('U0LEA', 'ONSQA3MSIZDY');
INSERT INTO public.seats VALUES ('U0LEO', '4UMMS2QOZ56Z');
INSERT INTO public.seats VALUES ('U0LEO', 'HQXBDCF7EYV4');
INSERT INTO public.seats VALUES ('U0LEO', 'NPNRQSXSLYP4');
INSERT INTO public.seats VALUES ('U0LEO', 'RO7AGJEXT62I');
INSERT INTO public.seats VALUES ('U0MAN', '35NUDK335E6G');
INSERT INTO public.seats VALUES ('U0MAN', 'AAYG5MXCP5TU');
INSERT INTO public.seats VALUES ('U0MAN', 'HTABYLT7IQLT');
INSERT INTO public.seats VALUES ('U0MAN', 'NUD45XVJZ4HB');
INSERT INTO public.seats VALUES ('U0MAN', 'QKRPHNQSDC27');
INSERT INTO public.seats VALUES ('U0MAN', 'VQPIDCR3VTWV');
INSERT INTO public.seats VALUES ('U0MAX', '35NUDK335E6G');
INSERT INTO public.seats VALUES ('U0MAX', '433B33VAWDJV');
INSERT INTO public.seats VALUES ('U0MAX', 'AAYG5MXCP5TU');
INSERT INTO public.seats VALUES ('U0MAX', 'ETKDANCXBPQF');
INSERT INTO public.seats VALUES ('U0MAX', 'NUD45XVJZ4HB');
INSERT INTO public.seats VALUES ('U0MAX', 'QKRPHNQSDC27');
INSERT INTO public.seats VALUES ('U0MAX', 'VQPIDCR3VTWV');
INSERT INTO public.seats VALUES ('U0MAX', 'WRFO37GQ5AQA');


--
-- Name: audit_number_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_number_seq', 270, true);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (person, month, currency);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (number);


--
-- Name: delegations delegations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_pkey PRIMARY KEY (person);


--
-- Name: expenses expenses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.expenses
    ADD CONSTRAINT expenses_pkey PRIMARY KEY (id);


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (expense_id, audience);


--
-- Name: seats seats_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_pkey PRIMARY KEY (asked, expense_id);


--
-- Name: audit_expense_id_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_expense_id_number ON public.audit USING btree (expense_id, number);


--
-- Name: delegations_delegate; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX delegations_delegate ON public.delegations USING btree (delegate);


--
-- Name: expenses_decided_by_decided_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX expenses_decided_by_decided_at ON public.expenses USING btree (decided_by, decided_at);


--
-- Name: expenses_due_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX expenses_due_at ON public.expenses USING btree (due_at);


--
-- Name: expenses_requester_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX expenses_requester_created_at ON public.expenses USING btree (requester, created_at);


--
-- Name: expenses_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX expenses_waiting ON public.expenses USING btree (created_at, id) WHERE (((state)::text = 'CREATED'::text) AND (plan IS NULL));


--
-- Name: seats_expense_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX seats_expense_id ON public.seats USING btree (expense_id);


--
-- Name: audit audit_expense_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_expense_id_fkey FOREIGN KEY (expense_id) REFERENCES public.expenses(id);


--
-- Name: messages messages_expense_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_expense_id_fkey FOREIGN KEY (expense_id) REFERENCES public.expenses(id);


--
-- Name: seats seats_expense_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_expense_id_fkey FOREIGN KEY (expense_id) REFERENCES public.expenses(id);


--
-- PostgreSQL database dump complete
--


